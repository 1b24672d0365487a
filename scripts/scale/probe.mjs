// Loaded before the command line (node --import) by topologies.mjs: writes to SCALE_PROBE what the process needed.
import { subscribe } from "node:diagnostics_channel";
import { writeFileSync } from "node:fs";

const sockets = [];
const transactions = [];
let counted = 0;

subscribe("net.client.socket", ({ socket }) => sockets.push(socket));
// What was sent so far was the question for the rows, and belongs to no transaction.
subscribe("ovn-northbound:resync", () => {
  counted = sent();
});
subscribe("ovn-northbound:transaction", ({ outcome, operations, milliseconds }) => {
  const bytes = sent() - counted;
  counted += bytes;
  transactions.push({ outcome, operations, bytes, milliseconds, at: Date.now() });
});
process.on("exit", () => {
  const peak = process.resourceUsage().maxRSS * 1024;
  writeFileSync(process.env.SCALE_PROBE, JSON.stringify({ peak, transactions }));
});

function sent() {
  return sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
}
