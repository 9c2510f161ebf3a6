// node_peer.mjs FOLDER undici|fetch|axios URL IN_FLIGHT: see peer.py. FOLDER holds node_modules.
import http from "node:http";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [folder, name, url, inFlight] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const headers = { Authorization: "Bearer dtn_bench", Accept: "application/json", "X-Daytona-Source": name };

const clients = {
  undici() {
    const undici = require("undici");
    const dispatcher = new undici.Agent({ connections: Number(inFlight) });
    return async () => (await undici.request(url, { headers, dispatcher })).body.json();
  },
  fetch() {
    return async () => (await fetch(url, { headers })).json();
  },
  axios() {
    const axios = require("axios").create({ headers, httpAgent: new http.Agent({ keepAlive: true }), proxy: false });
    return async () => (await axios.get(url)).data;
  },
};
const call = clients[name]();

async function callRepeatedly(calls) {
  for (let i = 0; i < calls; ++i)
    if ((await call()).state !== "started") throw new Error("not the sandbox that was asked for");
}

for await (const line of createInterface({ input: process.stdin })) {
  const calls = Number(line), count = Number(inFlight);
  const shares = Array.from({ length: count }, (_, index) => Math.floor(calls / count) + (index < calls % count ? 1 : 0));
  await Promise.all(shares.map(callRepeatedly));
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${(user + system) / 1e6}\n`);
}
process.exit(0);
