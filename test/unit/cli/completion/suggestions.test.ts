import assert from "node:assert/strict";
import { suggestionsFor } from "../../../../lib/cli/completion/suggestions.ts";
import type { Element } from "../../../../lib/cli/output/listing.ts";
import { COMMAND_NAMES, createProgram } from "../../../../lib/cli/program.ts";
import type { Resource } from "../../../../lib/cli/resources.ts";
import { FakeIo, runCli } from "../fake-io.ts";

const program = await createProgram(new FakeIo(), () => {});

const database: Readonly<Record<Resource, readonly Element[]>> = {
  networks: [{ name: "blue" }, { name: "red" }, { name: "-dash" }, { name: "two\nlines" }],
  nodes: [{ name: "n1" }, { name: "n1" }, { name: "n2" }],
  pods: [
    { namespace: "shop", name: "web" },
    { namespace: "shop", name: "db" },
    { namespace: "bank", name: "web" },
  ],
  policies: [{ namespace: "shop", name: "deny" }],
  services: [{ namespace: "svc", name: "api" }],
};

/** The words for the end of a line, or what else is to be completed there. */
async function suggested(line: string): Promise<readonly string[] | string> {
  const words = line.split(" ");
  const last = words.pop() ?? "";
  const found = await suggestionsFor({ words, last }, program, (resource) =>
    Promise.resolve(database[resource]),
  );
  return typeof found === "string" ? found : found.map(({ word }) => word);
}

describe("what completes a line", () => {
  const completes = async (cases: Readonly<Record<string, readonly string[] | string>>): Promise<void> => {
    for (const [line, expected] of Object.entries(cases))
      assert.deepEqual(await suggested(line), expected, line);
  };

  it("are commands where none is named yet, wherever options stand", async () => {
    await completes({
      "": COMMAND_NAMES.concat("help"),
      g: ["get", "graph"],
      "-o json --timeout 5 g": ["get", "graph"],
      "-f x ap": ["apply"],
      "help d": ["diff", "delete"],
      "nonsense g": [],
      "help get g": [],
    });
  });

  it("are all flags of the grammar's options, those of the program with those of the command", async () => {
    for (const command of program.commands) {
      const flags = [...command.options, ...program.options].flatMap(({ short, long }) => [short, long]);
      const found = await suggested(`${command.name()} -`);
      assert.deepEqual(
        [...new Set(found)].sort(),
        [...new Set([...flags, "-h", "--help"])].filter(Boolean).sort(),
      );
    }
    await completes({
      "--d": ["--db"],
      "apply --d": ["--dry-run", "--db"],
      "get pods --wa": ["--watch"],
      "delete -f a.yaml --wa": ["--wait"],
      "apply -- -": [],
    });
  });

  it("are the fixed values of an option, in each way to write it", async () => {
    for (const command of program.commands)
      for (const { argChoices, long } of [...command.options, ...program.options])
        if (argChoices !== undefined)
          assert.deepEqual(
            await suggested(`${command.name()} ${long}=`),
            argChoices.map((choice) => `${long}=${choice}`),
          );
    await completes({
      "apply --wait ": ["none", "sb", "hv"],
      "apply --wait s": ["sb"],
      "apply --mode=i": ["--mode=interconnect"],
      "get -o ": ["text", "wide", "name", "json", "yaml"],
      "get -o=j": ["-o=json"],
      "get -oj": ["-ojson"],
      "get pods -wo y": ["yaml"],
      "get pods -wo=": ["text", "wide", "name", "json", "yaml"].map((format) => `-wo=${format}`),
      "get pods -wAoj": ["-wAojson"],
      "get pods -wA": [],
      "get pods -xo=j": [],
      "apply -o ": ["text", "name", "json", "yaml"],
      "delete -o=n": ["-o=name"],
      "graph --output d": ["dot"],
      "-o ": ["text", "json", "yaml"],
      "apply --dry-run ": ["client", "server"],
      "apply --prune ": ["networks"],
      "delete --dry-run p": ["pod", "policy"],
      "apply --zone ": [],
      "--db ": [],
      "completion ": ["bash", "zsh", "fish"],
      "completion bash ": [],
    });
  });

  it("are files and folders where the grammar says so", async () => {
    await completes({
      "apply -f ": "files",
      "apply -f a.yaml b": "files",
      "apply --filename=a": "files",
      "get pods -f ": "files",
      "get --ca-cert ": "files",
      "codegen --schema x --out ": "folders",
      "shell --cluster ": "folders",
      "apply -f a.yaml --wait ": ["none", "sb", "hv"],
    });
  });

  it("are resources in the words of documents, else in those that were begun", async () => {
    await completes({
      "get ": ["networks", "nodes", "pods", "policies", "services"],
      "get ne": ["networks"],
      "get netp": ["netpol"],
      "get sv": ["svc"],
      "get pods,n": ["pods,networks", "pods,nodes"],
      "get po,": ["networks", "nodes", "policies", "services"].map((resource) => `po,${resource}`),
      "delete ": ["network", "node", "pod", "policy", "service"],
      "delete no": ["node"],
    });
  });

  it("are names of the database, but for those that are there and those that nobody can type", async () => {
    await completes({
      "show ": ["blue", "red"],
      "show blue ": ["red"],
      "graph r": ["red"],
      "graph red ": [],
      "graph --node n": ["n1", "n2"],
      "get nodes ": ["n1", "n2"],
      "delete network blue ": ["red"],
      "show -- -": ["-dash"],
      "get network/r": ["network/red"],
      "get network/red net/b": ["net/blue"],
    });
  });

  it("are names with their namespaces, or without where the line says one", async () => {
    await completes({
      "get pods ": ["shop/web", "shop/db", "bank/web"],
      "get pods shop/web shop/": ["shop/db"],
      "get pods w": ["web"],
      "get pods -n shop ": ["web", "db"],
      "get -n=bank pods ": ["web"],
      "get pods --namespace=bank ": ["web"],
      "get pods,policies shop/d": ["shop/db", "shop/deny"],
      "delete pod w": [],
      "delete pod b": ["bank/web"],
      "delete pod/b": ["pod/bank/web"],
      "get -n ": ["shop", "bank"],
      "get svc -n ": ["svc"],
      "get networks -n ": [],
      "get pods --namespace=b": ["--namespace=bank"],
    });
  });
});

describe("the answer to a script", () => {
  const asked = async (...argv: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await runCli(["__complete", ...argv]);
    assert.equal(exitCode, 0);
    assert.equal(stderr, "");
    return stdout;
  };

  it("says what a word is, but to bash", async () => {
    assert.equal(await asked("zsh", "x gr"), "graph\tdraw networks: Mermaid, DOT or SVG\n:\n");
    assert.equal(await asked("bash", "x gr", " :="), "graph\n:\n");
    assert.equal(await asked("bash", "x apply --wait=s", " :="), "sb\n:\n");
    assert.equal(await asked("bash", "x apply --wait=s", " "), "--wait=sb\n:\n");
    assert.equal(await asked("fish", "x apply -f "), ":files\n");
    assert.equal(await asked("fish", "x codegen --out "), ":folders\n");
  });

  it("is without words, and without an error, where something is wrong", async () => {
    for (const line of [
      "x show ",
      "x get nonsense a",
      "x get nonsense/",
      "x show -t never ",
      "x get pods -n ",
    ])
      assert.equal(await asked("zsh", line), ":\n", line);
    assert.match(await asked(), /^apply\t/);
    assert.match(await asked("zsh", "x delete pod --dry-run "), /^client\nserver\n:\n/);
  });
});

describe("completion", () => {
  it("prints a script for the shell that is named", async () => {
    for (const shell of ["bash", "zsh", "fish"]) {
      const { exitCode, stdout } = await runCli(["completion", shell]);
      assert.equal(exitCode, 0);
      assert.match(stdout, new RegExp(` __complete ${shell} `));
    }
    const { exitCode, stderr } = await runCli(["completion", "tcsh"]);
    assert.equal(exitCode, 1);
    assert.match(stderr, /Allowed choices are bash, zsh, fish/);
  });
});
