import { type Command, InvalidArgumentError, Option } from "commander";
import type { DeleteOptions } from "../commands/delete.ts";
import type { Io } from "../io.ts";
import {
  addFilenameOptions,
  type GlobalOptions,
  type PlanningOptions,
  type WritingOptions,
} from "../options.ts";
import type { Finish } from "./add-command.ts";

// The commands that write, and diff, which says what they would.

export function addApply(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command("apply")
    .summary("make the database hold what manifests say")
    .description("Makes the database hold the networks, nodes and pods of manifests.");
  addWritingOptions(addPlanningOptions(command)).action(async () => {
    const { apply } = await import("../commands/apply.ts");
    finish(await apply(command.optsWithGlobals<PlanningOptions & WritingOptions>(), io));
  });
}

export function addDiff(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command("diff")
    .summary("print what apply would change")
    .description("Prints what apply would change.");
  addPlanningOptions(command).action(async () => {
    const { diff } = await import("../commands/diff.ts");
    finish(await diff(command.optsWithGlobals<PlanningOptions & GlobalOptions>(), io));
  });
}

export function addDelete(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command("delete")
    .summary("remove what manifests hold, or what is named")
    .description(
      "Removes the networks, pods' ports, policies and services that manifests hold, or that are named here; and nodes that are named.",
    )
    .argument("[resource]", "networks, nodes, pods, policies or services, where there are no manifests")
    .argument("[names...]", "of networks and nodes, or of others as NAMESPACE/NAME");
  addFilenameOptions(command, {
    flags: FILENAMES,
    description: "manifests, as for apply; repeatable",
  })
    .option("-n, --namespace <name>", "of the names that have none")
    .option("-A, --all-namespaces", "all of them, as without -n")
    .addOption(
      new Option(
        "--network <name>",
        "what the nodes leave that are named; repeatable (default: all networks)",
      ).argParser<readonly string[]>((name, before = []) => [...before, name]),
    )
    .option("--ignore-not-found", "as without: what is not there is said, and is no error")
    .option("--force", "take rows along that are not ours");
  addWritingOptions(command).action(async (resource: string | undefined, names: readonly string[]) => {
    const { remove } = await import("../commands/delete.ts");
    finish(
      await remove(
        resource === undefined ? [] : [resource, ...names],
        command.optsWithGlobals<DeleteOptions>(),
        io,
      ),
    );
  });
}

/** The flags of `-f` where no other words may follow: what a shell makes of `-f *.yaml` is read. */
const FILENAMES = "-f, --filename <path...>";

/** Adds the options that say what `apply` writes and `diff` compares with. */
function addPlanningOptions(command: Command): Command {
  command.allowExcessArguments().hook("preAction", needManifests);
  return addFilenameOptions(command, {
    flags: FILENAMES,
    description:
      "manifests: files, folders (their *.yaml, *.yml and *.json) or - for standard input; repeatable",
  })
    .addOption(
      new Option(
        "--prune [networks]",
        "remove nodes, pods, policies and services that the manifests lack from the networks they name; with =networks also whole networks that ovn-northbound made",
      ).choices(["networks"]),
    )
    .option("--migrate", "change networks that were written with the other profile in place")
    .option("--merge", "make one row of several that another tool left, such as switches of one name")
    .addOption(
      new Option("--mode <mode>", "one database for all nodes, or one per zone (default: central)").choices([
        "central",
        "interconnect",
      ]),
    )
    .option(
      "--zone <name>",
      "the zone of this database, in mode interconnect: a node's annotation k8s.ovn.org/zone-name, else its name",
    )
    .addOption(
      new Option(
        "--gateway-mode <mode>",
        "how OVN-Kubernetes' nodes reach the outside (default: shared)",
      ).choices(["shared", "local"]),
    )
    .addOption(
      new Option(
        "--cluster-mtu <bytes>",
        "the cluster's MTU, gateway_mtu of routers (default: 1400)",
      ).argParser(mtu),
    );
}

/** Commander says that the option is missing before it looks at what else is there: a path without -f, or a misspelt --filename. */
function needManifests(command: Command): void {
  const [stray] = command.args;
  if (stray !== undefined)
    command.error(`error: '${stray}' belongs to no option; manifests follow -f: did you mean -f ${stray}?`);
  if (command.getOptionValue("filename") === undefined)
    command.error(`error: required option '${FILENAMES}' not specified`);
}

/** Adds the options of commands that write. */
function addWritingOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--dry-run [how]",
        "print what would change and write nothing; both words of kubectl mean the same here",
      ).choices(["client", "server"]),
    )
    .addOption(
      new Option("--wait <what>", "wait until ovn-northd (sb) or every chassis (hv) has caught up")
        .choices(["none", "sb", "hv"])
        .default("none"),
    );
}

/** 68 is the least that IPv4 allows (RFC 791), 65535 the most that fits its length field. */
function mtu(text: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value < 68 || value > 65_535)
    throw new InvalidArgumentError("It must be a number of bytes from 68 to 65535.");
  return value;
}
