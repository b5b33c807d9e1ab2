// Runs one client's calls for the Go tests. Each line on stdin is a call,
// {"call": "messages.sendText", "args": [...]}; each line on descriptor 3 is
// its answer, {"value": ...} or {"error": {...}}. Stdout is left alone: one of
// the clients logs there.
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";

// bytes marks binary arguments, which JSON has no form for.
const revive = (_, v) => (v && typeof v.$bytes === "string" ? Buffer.from(v.$bytes, "base64") : v);

// seen is an error as an app that catches it would look at it.
function seen(e) {
  return { ...e, name: e.name, message: e.message, class: e.constructor.name };
}

async function run(target, { call, args }) {
  const path = call.split(".");
  const method = path.pop();
  const owner = path.reduce((o, name) => o[name], target);
  return owner[method](...args);
}

export async function drive(target) {
  for await (const line of createInterface({ input: process.stdin })) {
    let answer;
    try {
      answer = { value: (await run(target, JSON.parse(line, revive))) ?? null };
    } catch (e) {
      answer = { error: seen(e) };
    }
    writeSync(3, JSON.stringify(answer) + "\n");
  }
}
