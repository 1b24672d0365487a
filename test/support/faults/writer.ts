import assert from "node:assert/strict";
import type { Transaction } from "../../../lib/database/index.ts";
import {
  ConflictError,
  ConstraintError,
  OutcomeUnknownError,
  RowGoneError,
  TimeoutError,
} from "../../../lib/index.ts";
import type { NorthboundTables } from "../../../lib/schemas/index.ts";
import { type Entry, inserting, type Ledger } from "./ledger.ts";
import type { WriteStep } from "./schedule.ts";
import type { WatchedClient } from "./watched-client.ts";

type Tx = Transaction<NorthboundTables>;

/** Longer than any schedule lasts. */
const patience = 100_000;

/** Carries out one transaction of a schedule and enters in the ledger what is said of it. */
export async function carryOut(client: WatchedClient, ledger: Ledger, step: WriteStep): Promise<void> {
  const entry = ledger.begin(step.action);
  const { giveUpAfter } = step;
  try {
    await client.nb.transact(
      async (tx) => {
        // What an earlier run did has not happened.
        entry.deletes = undefined;
        entry.effective = true;
        if (step.slowly) await new Promise((resolve) => setImmediate(resolve));
        describe(client, ledger, entry, step, tx);
      },
      // Some give up by their timeout, some by a signal.
      giveUpAfter === undefined
        ? { timeout: patience }
        : step.pick % 2 === 0
          ? { timeout: giveUpAfter }
          : { timeout: patience, signal: AbortSignal.timeout(giveUpAfter) },
    );
    entry.outcome = "done";
    readBack(client, ledger, entry);
  } catch (error) {
    entry.outcome = outcomeOf(error, step);
  }
}

function outcomeOf(error: unknown, { action, giveUpAfter }: WriteStep): "unknown" | "refused" {
  // An inserted row tells whether its transaction was done; so what became of it is found out, if there is time for that.
  const decidable = inserting.includes(action) && giveUpAfter === undefined;
  if (error instanceof OutcomeUnknownError && !decidable) return "unknown";
  if (error instanceof ConflictError || error instanceof RowGoneError) return "refused";
  // Two who miss the same address set both make it.
  if (error instanceof ConstraintError && action === "addresses") return "refused";
  if (giveUpAfter !== undefined && error instanceof TimeoutError) return "refused";
  // The reason of AbortSignal.timeout().
  if (giveUpAfter !== undefined && error instanceof DOMException) return "refused";
  throw error;
}

/** Who wrote can read it at once, unless nothing can be read or somebody has deleted it. */
function readBack(client: WatchedClient, ledger: Ledger, { action, tag }: Entry): void {
  if (!inserting.includes(action)) return;
  const found = client.read(() => client.nb.tables.Logical_Switch.find({ external_ids: { tag } }));
  assert.ok(
    found === undefined || found.length === 1 || ledger.mayBeDeleted(tag),
    `${client.name} does not find what it has written: ${tag}`,
  );
}

function describe(
  { nb }: WatchedClient,
  ledger: Ledger,
  entry: Entry,
  { action, pick, size }: WriteStep,
  tx: Tx,
): void {
  const { tag } = entry;
  const switches = [...nb.tables.Logical_Switch].filter(({ name }) => name !== "lasting");
  const ports = [...nb.tables.Logical_Switch_Port];
  const sw = switches[pick % switches.length];
  const port = ports[pick % ports.length];
  const global = nb.tables.NB_Global.only();
  const pairs = Object.fromEntries(
    Array.from({ length: size }, (_, index) => [`k${(pick + index) % 16}`, tag]),
  );
  switch (action) {
    case "insert":
      tx.insert("Logical_Switch", { name: tag, external_ids: { tag } });
      break;
    case "insert with ports":
      tx.insert("Logical_Switch", {
        name: tag,
        external_ids: { tag },
        ports: Array.from({ length: size }, (_, index) => insertPort(tx, `${tag}-${index}`, index)),
      });
      break;
    case "add port":
      if (sw !== undefined) tx.add(sw, "ports", insertPort(tx, `${tag}-0`, pick));
      break;
    case "remove port":
      for (const owner of port === undefined ? [] : nb.referrers(port, "Logical_Switch", "ports")) {
        if (port !== undefined) tx.remove(owner, "ports", port);
      }
      break;
    case "change port":
      if (port !== undefined) {
        tx.update(port, {
          type: port.type === "router" ? "" : "router",
          addresses: [`${tag} ${size}`, "unknown"],
        });
      }
      break;
    case "delete":
      if (sw?.external_ids["tag"] !== undefined && ledger.mayDelete(sw.external_ids["tag"])) {
        entry.deletes = sw.external_ids["tag"];
        tx.delete(sw);
      }
      break;
    case "set keys":
      if (sw !== undefined) tx.setKeys(sw, "other_config", pairs);
      break;
    case "replace map":
      if (sw !== undefined) tx.update(sw, { other_config: pairs });
      break;
    case "addresses":
      changeAddresses(nb.tables.Address_Set.get({ name: `set${pick % 2}` }), pick, size, tx);
      break;
    case "count":
      tx.mutate(global, "nb_cfg", "+=", 1);
      break;
    case "count and insert":
      tx.mutate(global, "nb_cfg", "+=", 1);
      tx.insert("Logical_Switch", { name: tag, external_ids: { tag } });
      break;
    case "compare and set":
      tx.verify(global, "options");
      tx.setKeys(global, "options", { compared: String(Number(global.options["compared"] ?? 0) + 1) });
      break;
  }
}

function insertPort(
  tx: Tx,
  name: string,
  index: number,
): ReturnType<typeof tx.insert<"Logical_Switch_Port">> {
  return tx.insert("Logical_Switch_Port", {
    name,
    type: index % 2 === 0 ? "router" : "",
    external_ids: { näme: name },
  });
}

/** Puts addresses into a set or takes them out, so that sets come in all sizes. */
function changeAddresses(
  set: NorthboundTables["Address_Set"]["row"] | undefined,
  pick: number,
  size: number,
  tx: Tx,
): void {
  const addresses = Array.from({ length: size }, (_, index) => `10.0.${pick % 4}.${(pick * 7 + index) % 64}`);
  if (set === undefined) tx.insert("Address_Set", { name: `set${pick % 2}`, addresses });
  else if (pick % 3 === 0) tx.remove(set, "addresses", addresses);
  else tx.add(set, "addresses", addresses);
}
