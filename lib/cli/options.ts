import { type Command, InvalidArgumentError, Option } from "commander";
import type { GatewayMode, Mode, Profile } from "../topology/index.ts";
import { CliError } from "./cli-error.ts";
import {
  FORMATS,
  type Format,
  GET_FORMATS,
  GRAPH_FORMATS,
  WRITE_FORMATS,
  type WriteFormat,
} from "./output/format.ts";

/** Options of every command. */
export interface GlobalOptions {
  readonly db?: string;
  readonly privateKey?: string;
  readonly certificate?: string;
  readonly caCert?: string;
  readonly leaderOnly: boolean;
  readonly shuffleRemotes: boolean;
  /** Seconds; 0 waits as long as it takes. */
  readonly timeout: number;
  readonly profile?: Profile;
  readonly output: Format;
}

/** Those of them that say where the database is, and how long it may take. */
export type ConnectionOptions = Omit<GlobalOptions, "output">;

/** Options of `apply` and `diff`. */
export interface PlanningOptions extends ConnectionOptions {
  readonly filename: readonly string[];
  readonly recursive?: true;
  readonly prune?: true | "networks";
  readonly migrate?: true;
  readonly merge?: true;
  readonly mode?: Mode;
  readonly zone?: string;
  readonly gatewayMode?: GatewayMode;
  readonly clusterMtu?: number;
}

/** Options of commands that write. */
export interface WritingOptions extends ConnectionOptions {
  readonly output: WriteFormat;
  readonly dryRun?: true | "client" | "server";
  readonly wait: "none" | "sb" | "hv";
}

/** Where the database is when nobody says it, as for ovn-nbctl. */
export const DEFAULT_REMOTE = "unix:/var/run/ovn/ovnnb_db.sock";

/** The variable that says where the database is, as for ovn-nbctl. */
export const REMOTE_VARIABLE = "OVN_NB_DB";

/** The variable that says where a cluster of the test kit is, for `shell`. */
export const CLUSTER_VARIABLE = "OVN_MULTINODE";

/** Prints stacks and causes of errors when set to 1. */
export const DEBUG_VARIABLE = "OVN_NORTHBOUND_DEBUG";

/** Longest time a timer of Node.js takes, in seconds. */
const LONGEST_TIMEOUT = 2_147_483;

/** Adds the options of every command to the program; they are accepted before and after the command's name. */
export function addGlobalOptions(program: Command): void {
  program
    .optionsGroup("Connection:")
    .option(
      "--db <remote>",
      `database: unix:PATH, tcp:HOST:PORT or ssl:HOST:PORT, several with commas (default: $${REMOTE_VARIABLE}, else ${DEFAULT_REMOTE})`,
    )
    .option("-p, --private-key <file>", "private key for ssl, PEM")
    .option("-c, --certificate <file>", "certificate for ssl, PEM")
    .option("-C, --ca-cert <file>", "certificate of the CA that signed the server's, PEM")
    .option("--no-leader-only", "take any server of a cluster, not only its leader")
    .option("--no-shuffle-remotes", "try several remotes in the order given, not in one drawn at random")
    .addOption(
      new Option("-t, --timeout <seconds>", "give up after that long; 0 never does")
        .argParser(seconds)
        .default(60),
    )
    .optionsGroup("Output:")
    .option(
      "-o, --output <format>",
      "format of the results: text, json or yaml (default: text); of apply, delete and get also name, of get wide; of graph: mermaid, dot, svg, json or yaml (default: mermaid)",
    )
    .optionsGroup("Rows:")
    .addOption(
      new Option(
        "--profile <profile>",
        "whose rows to write: today's OVN-Kubernetes, or that of mid-2023 (default: ovn-kubernetes)",
      ).choices(["ovn-kubernetes", "ovn-kubernetes-2023"]),
    );
}

const FORMATS_OF: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["apply", WRITE_FORMATS],
  ["delete", WRITE_FORMATS],
  ["get", GET_FORMATS],
  ["graph", GRAPH_FORMATS],
  // What these print is made for one reader.
  ["shell", ["text"]],
  ["completion", ["text"]],
  ["help", ["text"]],
]);

/** What `--output` takes, the first where nobody says it; of most commands the same. */
export function formatsOf(command: string | undefined): readonly string[] {
  return FORMATS_OF.get(command ?? "") ?? FORMATS;
}

/** Checks `--output`, which is not the same for all commands, and sets what it is where nobody said it. */
export function settleOutput(program: Command, command: Command): void {
  const allowed = formatsOf(command.name());
  const { output = allowed[0] } = program.opts<{ readonly output?: string }>();
  if (output === undefined || !allowed.includes(output))
    command.error(
      `error: option '-o, --output <format>' argument '${output}' is invalid. Allowed choices are ${allowed.join(", ")}.`,
    );
  program.setOptionValue("output", output);
}

/** Refuses what would be ignored. */
export function checkFilenameOptions({
  filename,
  recursive,
}: {
  readonly filename?: readonly string[];
  readonly recursive?: true;
}): void {
  if (recursive && filename === undefined)
    throw new CliError("--recursive goes with -f: it is about folders of manifests");
}

/** `-f`, which may be repeated, and `-R`. */
export function addFilenameOptions(
  command: Command,
  { flags, description }: { readonly flags: string; readonly description: string },
): Command {
  const filename = new Option(flags, description).argParser<readonly string[]>((value, before = []) => [
    ...before,
    value,
  ]);
  return command.addOption(filename).option("-R, --recursive", "read the folders in folders, too");
}

function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value > LONGEST_TIMEOUT)
    throw new InvalidArgumentError(`It must be a number of seconds from 0 to ${LONGEST_TIMEOUT}.`);
  return value;
}
