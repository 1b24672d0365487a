// What integration tests share; each file tells its use.
export { describeWithOvn } from "./describe-with-ovn.ts";
export { projectRoot, readGolden } from "./project.ts";
export { type SandboxHandle, useSandbox } from "./use-sandbox.ts";
export { type WaitOptions, waitFor } from "./wait-for.ts";
