import type { Sandbox, SandboxOptions } from "../../lib/testing/index.ts";
import { startSandbox } from "../../lib/testing/index.ts";

/** Gives the sandbox of the running suite. */
export interface SandboxHandle {
  readonly sandbox: Sandbox;
}

/**
 * Starts one sandbox before the tests of the surrounding `describeWithOvn` and closes it after them. One per file is
 * the rule: it starts in about 40 ms and keeps files independent.
 *
 * ```ts
 * describeWithOvn("transactions", () => {
 *   const ovn = useSandbox({ northbound: true });
 *   it("...", async () => connectNorthbound(ovn.sandbox.northbound.remote));
 * });
 * ```
 */
export function useSandbox(options: SandboxOptions): SandboxHandle {
  let sandbox: Sandbox | undefined;
  before(async () => {
    sandbox = await startSandbox(options);
  });
  after(async () => {
    await sandbox?.close();
    sandbox = undefined;
  });
  return {
    get sandbox(): Sandbox {
      if (sandbox === undefined) {
        throw new Error("the sandbox exists only while tests and their hooks run");
      }
      return sandbox;
    },
  };
}
