import { Argument, type Command, InvalidArgumentError, Option } from "commander";
import type { CodegenOptions } from "../commands/codegen.ts";
import type { GraphOptions } from "../commands/graph.ts";
import type { ShellOptions } from "../commands/shell.ts";
import type { Shell } from "../completion/typed-line.ts";
import type { Io } from "../io.ts";
import { CLUSTER_VARIABLE, REMOTE_VARIABLE } from "../options.ts";
import { PROGRAM } from "../output/messages.ts";
import type { Finish } from "./add-command.ts";

// The commands that are neither about writing rows nor about listing them.

export function addGraph(program: Command, io: Io, finish: Finish): void {
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
    const { graph } = await import("../commands/graph.ts");
    finish(await graph(network, command.optsWithGlobals<GraphOptions>(), io));
  });
}

export function addCodegen(program: Command, io: Io, finish: Finish): void {
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
    const { codegen } = await import("../commands/codegen.ts");
    finish(await codegen(command.optsWithGlobals<CodegenOptions>(), io));
  });
}

export function addShell(program: Command, io: Io, finish: Finish): void {
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
    const { shell } = await import("../commands/shell.ts");
    finish(await shell(place, words, command.optsWithGlobals<ShellOptions>(), io));
  });
}

export function addCompletion(program: Command, io: Io, finish: Finish): void {
  program
    .command("completion")
    .summary("print a script that lets a shell complete commands")
    .description("Prints a script that lets a shell complete commands, options, and names of the database.")
    .addArgument(new Argument("<shell>", "which one").choices(["bash", "zsh", "fish"]))
    .action(async (shell: Shell) => {
      const { SCRIPTS } = await import("../completion/scripts.ts");
      io.out(SCRIPTS[shell]);
      finish(0);
    });
}

/** How many of something are shown, or `all`. */
function limit(text: string): number {
  if (text === "all") return Number.POSITIVE_INFINITY;
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number or all.");
  return value;
}
