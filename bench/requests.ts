import { writeFileSync } from "node:fs";
import { port, switchName, uuidOf } from "./ports.ts";

/** One operation of RFC 7047. */
type Op = Readonly<Record<string, unknown>>;

/** Writes transactions as JSON-RPC requests, a line each, for the raw client to replay. */
export function writeRequests(file: string, transactions: Iterable<readonly unknown[]>): void {
  const lines: string[] = [];
  for (const operations of transactions) {
    lines.push(
      JSON.stringify({ id: lines.length, method: "transact", params: ["OVN_Northbound", ...operations] }),
    );
  }
  writeFileSync(file, lines.join("\n"));
}

/** One transaction that makes empty switches. */
export function makeSwitches(count: number): Op[] {
  return Array.from({ length: count }, (_, index) => insertSwitch(index, []));
}

/** A transaction that takes all ports from the switches, whereupon the server drops them. */
export function dropPorts(switches: number): Op[] {
  return Array.from({ length: switches }, (_, index) => ({
    op: "update",
    table: "Logical_Switch",
    where: [["_uuid", "==", ["uuid", uuidOf(switchName(index))]]],
    row: { ports: ["set", []] },
  }));
}

/**
 * A transaction for every `batch` ports, each of which goes to the next switch; `guarded` ones fail when that switch is gone, as
 * those of the library, and do not leave it to the server to drop the port.
 */
export function* addPorts(count: number, switches: number, batch: number, guarded: boolean): Generator<Op[]> {
  for (let first = 0; first < count; first += batch) {
    const indexes = Array.from({ length: Math.min(batch, count - first) }, (_, at) => first + at);
    const aims = indexes.map((index) => ({
      table: "Logical_Switch",
      where: [["_uuid", "==", ["uuid", uuidOf(switchName(index % switches))]]],
    }));
    yield [
      ...(guarded ? aims.map(guard) : []),
      ...indexes.flatMap((index, at) => [
        insertPort(index),
        { op: "mutate", ...aims[at], mutations: [["ports", "insert", ["uuid", portUuid(index)]]] },
      ]),
    ];
  }
}

/** Fails the transaction where no row is found. */
function guard(aim: Op): Op {
  return { op: "wait", ...aim, columns: [], until: "!=", rows: [], timeout: 0 };
}

/** A transaction for every switch with all its ports: the cheapest way to fill a database. */
export function* fillSwitches(switches: number, portsEach: number): Generator<Op[]> {
  for (let index = 0; index < switches; index += 1) {
    const ports = Array.from({ length: portsEach }, (_, at) => index * portsEach + at);
    yield [...ports.map(insertPort), insertSwitch(index, ports)];
  }
}

/** A transaction for every port that changes its addresses; the last one has the marker in it. */
export function* changePorts(count: number, marker: string): Generator<Op[]> {
  for (let index = 0; index < count; index += 1) {
    const last = index === count - 1;
    yield [
      {
        op: "update",
        table: "Logical_Switch_Port",
        where: [["_uuid", "==", ["uuid", portUuid(index)]]],
        row: { addresses: last ? marker : `${port(index).addresses[0]} fd00::${index.toString(16)}` },
      },
    ];
  }
}

function insertSwitch(index: number, ports: readonly number[]): Op {
  const uuids = ports.map((each) => ["uuid", portUuid(each)]);
  return {
    op: "insert",
    table: "Logical_Switch",
    uuid: uuidOf(switchName(index)),
    row: { name: switchName(index), ports: ["set", uuids] },
  };
}

function insertPort(index: number): Op {
  const { name, addresses, port_security, external_ids, options } = port(index);
  return {
    op: "insert",
    table: "Logical_Switch_Port",
    uuid: portUuid(index),
    row: {
      name,
      addresses: ["set", addresses],
      port_security: ["set", port_security],
      external_ids: ["map", Object.entries(external_ids)],
      options: ["map", Object.entries(options)],
    },
  };
}

function portUuid(index: number): string {
  return uuidOf(port(index).name);
}
