import type { Json } from "../../lib/jsonrpc/index.ts";
import type { Faults, Rewrite } from "../../lib/testing/index.ts";

/**
 * Answers transactions as servers before Open vSwitch 2.13 do, which take no uuid in an insert: what comes before it was
 * done and is undone, and what comes after it is not looked at.
 */
const refuse: Rewrite = (message, connection) => {
  const { id = null, method, params } = message;
  if (method !== "transact" || !Array.isArray(params)) return message;
  const operations = (params as readonly Json[]).slice(1);
  const index = operations.findIndex(
    (each) =>
      typeof each === "object" && each !== null && "op" in each && each["op"] === "insert" && "uuid" in each,
  );
  if (index < 0) return message;
  const place = `${index + 1} of ${operations.length}`;
  const error = {
    error: "syntax error",
    details: `Parsing ovsdb operation ${place}: Member 'uuid' is present but not allowed here.`,
    syntax: JSON.stringify(operations[index]),
  };
  const before = operations.slice(0, index).map(() => ({}));
  const after = operations.slice(index + 1).map(() => null);
  connection.inject("toClient", { id, result: [...before, error, ...after], error: null });
  return undefined;
};

/** Faults by which a proxy makes a server refuse `uuid` in an insert. */
export const withoutUuid: Faults = { toServer: { rewrite: refuse } };
