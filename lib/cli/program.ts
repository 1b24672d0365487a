import { Command } from "commander";
import { similar } from "../jsonrpc/index.ts";
import type { GetOptions } from "./commands/lists.ts";
import type { AddCommand, Finish } from "./grammar/add-command.ts";
import type { HelpTexts } from "./help-text.ts";
import type { Io } from "./io.ts";
import { addFilenameOptions, addGlobalOptions, type GlobalOptions, settleOutput } from "./options.ts";
import { PROGRAM } from "./output/messages.ts";
import { version } from "./version.ts";

/**
 * The grammar of the command line: all of it, or that of some commands. The texts below the options of helps are for those who
 * will print one: they are longer than the rest.
 */
export async function createProgram(
  io: Io,
  finish: Finish,
  names: readonly string[] = COMMAND_NAMES,
  texts: HelpTexts = {},
): Promise<Command> {
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
      outputError: (text, write) => write(usageError(text, program)),
      getOutHelpWidth: () => io.width ?? 120,
      getErrHelpWidth: () => io.width ?? 120,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText("after", texts[""] ?? "");
  addGlobalOptions(program);
  program.hook("preAction", settleOutput);
  for (const name of names) {
    const add = await COMMANDS.get(name)?.();
    add?.(program, io, finish);
  }
  for (const command of program.commands) command.addHelpText("after", texts[command.name()] ?? "");
  addHelp(program);
  return program;
}

/** Those that only list something are here: they take the least time, of which another file would be the largest part. */
const COMMANDS: ReadonlyMap<string, () => Promise<AddCommand>> = new Map([
  ["apply", async () => (await import("./grammar/writing.ts")).addApply],
  ["diff", async () => (await import("./grammar/writing.ts")).addDiff],
  ["delete", async () => (await import("./grammar/writing.ts")).addDelete],
  ["show", async () => addShow],
  ["get", async () => addGet],
  ["graph", async () => (await import("./grammar/others.ts")).addGraph],
  ["codegen", async () => (await import("./grammar/others.ts")).addCodegen],
  ["shell", async () => (await import("./grammar/others.ts")).addShell],
  ["completion", async () => (await import("./grammar/others.ts")).addCompletion],
]);

/** Names of all commands. */
export const COMMAND_NAMES: readonly string[] = [...COMMANDS.keys()];

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
  })
    .option("-n, --namespace <name>", "what is in this namespace; in all without")
    .option("-A, --all-namespaces", "all of them, as without -n")
    .option("--ignore-not-found", "names that nothing has are no error, and not told")
    .option("-w, --watch", "then print what comes and changes, until interrupted")
    .option("--output-watch-events", "with --watch: say ADDED, MODIFIED or DELETED of each")
    .option("--no-headers", "tables without headings");
  command.action(async (resource: string, names: readonly string[]) => {
    const { get } = await import("./commands/get.ts");
    const isTimed = command.getOptionValueSourceWithGlobals("timeout") !== "default";
    finish(await get([resource, ...names], { ...command.optsWithGlobals<GetOptions>(), isTimed }, io));
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
function usageError(text: string, program: Command): string {
  const sentence = withMeantOption(text, program)
    .replace(/^error: /, "")
    .trim()
    .replaceAll(/\s*\n\s*/g, " ")
    // Where no command is near, as of kubectl's and ovn-nbctl's that this program has not.
    .replace(/^unknown command '[^']*'$/, (text) => `${text}; there are: ${COMMAND_NAMES.join(", ")}`);
  return `${PROGRAM}: ${sentence} (--help shows the usage)\n`;
}

/** More that begin alike say nothing of what was meant. */
const MOST_MEANT = 3;

/**
 * What is said of an option that there is none of, with those that it is the beginning of, else with the one that typing errors
 * lead to. Commander takes farther ones, too, and no beginnings: it named `--profile` for `--file`.
 */
function withMeantOption(text: string, program: Command): string {
  const [said, flag] = /^error: unknown option '(--[^'=]+)[^']*'/.exec(text) ?? [];
  if (said === undefined || flag === undefined) return text;
  const options = [program, ...program.commands].flatMap((command) => command.options);
  const flags = [...new Set(["--help", ...options.map(({ long }) => long ?? "")])];
  const begun = flags.filter(
    (each) => each.replace(/^--no-/, "--").startsWith(flag) || each.startsWith(flag),
  );
  const near = similar(flag, flags);
  const meant = begun.length > 0 && begun.length <= MOST_MEANT ? begun : near === undefined ? [] : [near];
  if (meant.length === 0) return said;
  return `${said} (Did you mean ${meant.length > 1 ? "one of " : ""}${meant.join(", ")}?)`;
}
