// @hyperjumptech/whatsapp-business-sender: every call takes the base URL.
import sender from "@hyperjumptech/whatsapp-business-sender";
import { drive } from "./driver.mjs";

await drive(sender.default ?? sender);
