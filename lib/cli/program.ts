import { Command, Option } from "commander";
import type { CodegenOptions } from "./commands/codegen.ts";
import type { DeleteOptions } from "./commands/delete.ts";
import type { GraphOptions } from "./commands/graph.ts";
import type { GetOptions } from "./commands/lists.ts";
import type { ShellOptions } from "./commands/shell.ts";
import type { HelpTexts } from "./help-text.ts";
import type { Io } from "./io.ts";
import {
  addFilenameOptions,
  addGlobalOptions,
  addPlanningOptions,
  addWritingOptions,
  CLUSTER_VARIABLE,
  FILENAMES,
  type GlobalOptions,
  limit,
  type PlanningOptions,
  REMOTE_VARIABLE,
  settleOutput,
  type WritingOptions,
} from "./options.ts";
import { PROGRAM } from "./output/messages.ts";
import { version } from "./version.ts";

/** Receives the exit code of the command that was run. */
export type Finish = (exitCode: number) => void;

/**
 * The grammar of the command line: all of it, or that of some commands. What commands do is loaded only when one of them is
 * run: help is instant. The texts below the options of helps are for those who will print one: they are longer than the rest.
 */
export function createProgram(
  io: Io,
  finish: Finish,
  names: readonly string[] = COMMAND_NAMES,
  texts: HelpTexts = {},
): Command {
  const program = new Command(PROGRAM)
    .description(
      "Writes Open Virtual Network topologies into a northbound database, and shows what is there.",
    )
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.err(text),
      outputError: (text, write) => write(usageError(text)),
      getOutHelpWidth: () => io.width ?? 120,
      getErrHelpWidth: () => io.width ?? 120,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText("after", texts[""] ?? "");
  addGlobalOptions(program);
  program.hook("preAction", settleOutput);
  for (const name of names) COMMANDS.get(name)?.(program, io, finish);
  for (const command of program.commands) command.addHelpText("after", texts[command.name()] ?? "");
  addHelp(program);
  return program;
}

const COMMANDS: ReadonlyMap<string, (program: Command, io: Io, finish: Finish) => void> = new Map([
  ["apply", addApply],
  ["diff", addDiff],
  ["delete", addDelete],
  ["show", addShow],
  ["get", addGet],
  ["graph", addGraph],
  ["codegen", addCodegen],
  ["shell", addShell],
]);

/** Names of all commands. */
export const COMMAND_NAMES: readonly string[] = [...COMMANDS.keys()];

function addApply(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command("apply")
    .summary("make the database hold what manifests say")
    .description("Makes the database hold the networks, nodes and pods of manifests.");
  addWritingOptions(addPlanningOptions(command)).action(async () => {
    const { apply } = await import("./commands/apply.ts");
    finish(await apply(command.optsWithGlobals<PlanningOptions & WritingOptions>(), io));
  });
}

function addDiff(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command("diff")
    .summary("print what apply would change")
    .description("Prints what apply would change.");
  addPlanningOptions(command).action(async () => {
    const { diff } = await import("./commands/diff.ts");
    finish(await diff(command.optsWithGlobals<PlanningOptions>(), io));
  });
}

function addDelete(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command("delete")
    .summary("remove what manifests hold, or what is named")
    .description(
      "Removes the networks, pods' ports, policies and services that manifests hold, or that are named here.",
    )
    .argument("[resource]", "networks, pods, policies or services, where there are no manifests")
    .argument("[names...]", "of networks, or of others as NAMESPACE/NAME");
  addFilenameOptions(command, {
    flags: FILENAMES,
    description: "manifests, as for apply; repeatable",
    mandatory: false,
  })
    .option("-n, --namespace <name>", "of the names that have none")
    .option("-A, --all-namespaces", "all of them, as without -n")
    .option("--force", "take rows along that are not ours");
  addWritingOptions(command).action(async (resource: string | undefined, names: readonly string[]) => {
    const { remove } = await import("./commands/delete.ts");
    finish(
      await remove(
        resource === undefined ? [] : [resource, ...names],
        command.optsWithGlobals<DeleteOptions>(),
        io,
      ),
    );
  });
}

function addShow(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command("show")
    .summary("print networks as trees")
    .description(
      "Prints some networks or all of them: routers, switches, ports, pods, and rows that are not ours.",
    )
    .argument("[networks...]", "their names; all of them without");
  command.action(async (networks: readonly string[]) => {
    const { show } = await import("./commands/show.ts");
    finish(await show(networks, command.optsWithGlobals<GlobalOptions>(), io));
  });
}

function addGet(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command("get")
    .summary("print tables of what there is, and watch it")
    .description("Prints a table of what the database holds.")
    .argument(
      "<resource>",
      "networks, nodes, pods, policies or services; several with commas; or RESOURCE/NAME",
    )
    .argument("[names...]", "which of them, as NAME or NAMESPACE/NAME; all without");
  addFilenameOptions(command, {
    flags: "-f, --filename <path>",
    description: "complete manifests, as for apply: list only what they name; repeatable",
    mandatory: false,
  })
    .option("-n, --namespace <name>", "what is in this namespace; in all without")
    .option("-A, --all-namespaces", "all of them, as without -n")
    .option("-w, --watch", "then print what comes and changes, until interrupted")
    .option("--output-watch-events", "with --watch: say ADDED, MODIFIED or DELETED of each")
    .option("--no-headers", "tables without headings");
  command.action(async (resource: string, names: readonly string[]) => {
    const { get } = await import("./commands/get.ts");
    const isTimed = command.getOptionValueSourceWithGlobals("timeout") !== "default";
    finish(await get([resource, ...names], { ...command.optsWithGlobals<GetOptions>(), isTimed }, io));
  });
}

function addGraph(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command("graph")
    .summary("draw networks: Mermaid, DOT or SVG")
    .description(
      "Draws one network or all of the database: routers, switches, pods, NAT, policies, services.",
    )
    .argument("[network]", "its name; all of the database without")
    .addOption(
      new Option(
        "--nodes <number>",
        "nodes of a network that are drawn, or all; one box stands for the rest (default: 5)",
      ).argParser(limit),
    )
    .addOption(
      new Option("--node <name>", "draw this node, too; repeatable").argParser<readonly string[]>(
        (value, before = []) => [...before, value],
      ),
    )
    .addOption(
      new Option(
        "--pods <number>",
        "pods that are named at each place, or all; the rest is counted (default: 5)",
      ).argParser(limit),
    );
  command.action(async (network: string | undefined) => {
    const { graph } = await import("./commands/graph.ts");
    finish(await graph(network, command.optsWithGlobals<GraphOptions>(), io));
  });
}

function addCodegen(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command("codegen")
    .summary("write the TypeScript model of a schema")
    .description("Writes the TypeScript model of an OVSDB schema, from a file or from a server.")
    .option("--schema <file>", `the schema, JSON (or give --db or ${REMOTE_VARIABLE}: the server's)`)
    .option("--database <name>", "which database of the server (default: OVN_Northbound)")
    .requiredOption("--out <folder>", "where the files go; it is made if missing")
    .addOption(
      new Option("--import-from <module>", "what the files import the library from").default(PROGRAM),
    );
  command.action(async () => {
    const { codegen } = await import("./commands/codegen.ts");
    finish(await codegen(command.optsWithGlobals<CodegenOptions>(), io));
  });
}

function addShell(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command("shell")
    .summary("open a shell in a node or pod of a test cluster")
    .description(
      "Opens a shell, or runs a command, in a node or pod of a cluster that the test kit left running.",
    )
    .argument("<place>", "name of the node, pod or machine")
    .argument("[command...]", "what to run there, after -- (default: $SHELL)")
    .option("--cluster <folder>", `the cluster's folder (default: $${CLUSTER_VARIABLE})`);
  command.action(async (place: string, words: readonly string[]) => {
    const { shell } = await import("./commands/shell.ts");
    finish(await shell(place, words, command.optsWithGlobals<ShellOptions>(), io));
  });
}

/** Commander's own one answers the name of no command with the help of the program, without a word of that name. */
function addHelp(program: Command): void {
  program
    .command("help")
    .summary("print the help of a command")
    .description("Prints the help of a command, or of the program.")
    .argument("[command]", "its name")
    .action((name: string | undefined) => {
      if (name === undefined) program.help();
      const command = program.commands.find((each) => each.name() === name);
      if (command !== undefined) command.help();
      program.error(`error: unknown command '${name}'; there are: ${COMMAND_NAMES.join(", ")}`);
    });
}

/** Commander's sentence on one line, as all other errors are. */
function usageError(text: string): string {
  const sentence = text
    .replace(/^error: /, "")
    .trim()
    .replaceAll(/\s*\n\s*/g, " ");
  return `${PROGRAM}: ${sentence} (--help shows the usage)\n`;
}
