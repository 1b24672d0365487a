// Runs build/examples/NAME.js; started by scripts/example.sh, which builds first.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { startSandbox } from "../dist/testing/index.js";

const example = pathToFileURL(resolve("build/examples", `${process.argv[2]}.js`)).href;
// An empty variable is as good as none.
if (process.env.OVN_NB_DB) {
  await import(example);
} else {
  const sandbox = await startSandbox({ northbound: true });
  process.env.OVN_NB_DB = sandbox.northbound.remote;
  try {
    await import(example);
  } finally {
    await sandbox.close();
  }
}
