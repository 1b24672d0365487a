import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Collects all garbage, or with `minor` what is young. */
export function garbageCollector(): (options?: { readonly type: "minor" }) => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as (options?: { readonly type: "minor" }) => void;
}

/** Bytes of the heap that are in use when all garbage is collected. */
export function bytesInUse(): number {
  garbageCollector()();
  return process.memoryUsage().heapUsed;
}
