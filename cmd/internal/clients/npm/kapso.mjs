// @kapso/whatsapp-cloud-api, pointed at the gateway by base URL and token.
import { WhatsAppClient, buildTemplateSendPayload } from "@kapso/whatsapp-cloud-api";
import * as server from "@kapso/whatsapp-cloud-api/server";
import { drive } from "./driver.mjs";

const client = new WhatsAppClient({ baseUrl: process.env.BASE_URL, accessToken: process.env.ACCESS_TOKEN });
await drive(Object.assign(client, { server, build: { template: buildTemplateSendPayload } }));
