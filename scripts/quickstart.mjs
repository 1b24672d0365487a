// The networks of examples/article on real databases; started by scripts/quickstart.sh, which sets up and builds first.
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { startSandbox, stopSandbox } from "../dist/testing/index.js";

const usage = `Usage: npm run quickstart                   try it, leave nothing behind
       npm run quickstart -- --keep         leave the databases and ovn-northd running
       npm run quickstart -- --stop DIR     end what --keep left running`;

const command = "dist/cli/main.js";
const manifests = "examples/article";

try {
  const { values } = parseArgs({ options: { keep: { type: "boolean" }, stop: { type: "string" } } });
  if (values.stop !== undefined) {
    await stopSandbox(values.stop);
    console.log("Stopped.");
  } else {
    await tour(values.keep === true);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (error?.code?.startsWith("ERR_PARSE_ARGS")) {
    console.error(usage);
  }
  process.exitCode = 1;
}

async function tour(keep) {
  const sandbox = await startSandbox({ northbound: true, southbound: true, northd: true });
  try {
    await show(sandbox);
    heading("Try next:");
    if (keep) {
      await leaveRunning(sandbox);
    } else {
      console.log(`  npm run quickstart -- --keep     the same, and the databases stay for you to play with
  node ${command} --help     the command line
  README.md                        the same from a program, in 30 lines`);
    }
  } finally {
    // Does nothing after detach.
    await sandbox.close();
  }
}

async function show(sandbox) {
  const daemons = Object.entries(sandbox.pids).map(([name, pid]) => `${name} (${pid})`);
  heading(`Started in ${sandbox.directory}: ${daemons.join(", ")}`);

  heading(`$ ovn-northbound apply -f ${manifests} --wait sb`);
  run(sandbox, ["apply", "-f", manifests, "--wait", "sb"]);

  heading("$ ovn-northbound show");
  run(sandbox, ["show"]);

  const flows = await sandbox.run("ovn-sbctl", ["--bare", "--columns=_uuid", "find", "Logical_Flow"]);
  const count = flows.split("\n").filter((line) => line !== "").length;
  if (count === 0) {
    throw new Error("ovn-northd made no logical flows");
  }
  heading(`ovn-northd made ${count} logical flows of it in the southbound database.`);

  heading(`$ ovn-northbound apply -f ${manifests}`);
  const before = await dump(sandbox);
  run(sandbox, ["apply", "-f", manifests]);
  if ((await dump(sandbox)) !== before) {
    throw new Error("the second apply changed the database");
  }
  console.log("Applied once more: nothing had to change, the database is the same row by row.");
}

async function leaveRunning(sandbox) {
  await sandbox.detach();
  console.log(`  export OVN_NB_DB=${sandbox.northbound.remote}
  export OVN_SB_DB=${sandbox.southbound.remote}
  alias ovn-northbound="node '${resolve(command)}'"

These are for the shell you are in; the networks are there already:
  ovn-northbound get pods
  ovn-northbound diff -f ${manifests}     (then change a row with ovn-nbctl, and diff again)
  ovn-nbctl show

Stop it with:
  npm run quickstart -- --stop ${sandbox.directory}`);
}

function run(sandbox, args) {
  const { status, error, signal } = spawnSync(process.execPath, [command, ...args], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...sandbox.env },
  });
  if (status !== 0) {
    throw new Error(`ovn-northbound ${args.join(" ")}: ${error?.message ?? signal ?? `exit code ${status}`}`);
  }
}

async function dump(sandbox) {
  return sandbox.run("ovsdb-client", ["dump", "--format=json", sandbox.northbound.remote, "OVN_Northbound"]);
}

function heading(text) {
  console.log(`\n${text}`);
}
