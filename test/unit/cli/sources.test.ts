import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CliError, CliErrors } from "../../../lib/cli/cli-error.ts";
import { Interrupted } from "../../../lib/cli/io.ts";
import { readSources } from "../../../lib/cli/sources.ts";
import { FakeIo } from "./fake-io.ts";

describe("readSources", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sources-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const write = (name: string, text: string | Uint8Array = name): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const read = (...paths: string[]): ReturnType<typeof readSources> =>
    readSources({ filename: paths, timeout: 60 }, new FakeIo({ stdin: "from stdin" }));
  const fails = (promise: Promise<unknown>, message: RegExp): Promise<void> =>
    assert.rejects(promise, (error) => {
      assert.ok(error instanceof CliError);
      assert.match(error.message, message);
      return true;
    });

  it("reads files, folders and standard input in the order given", async () => {
    const file = write("z.txt");
    mkdirSync(join(folder, "d"));
    write("d/b.yml");
    write("d/c.json");
    write("d/a.yaml");
    assert.deepEqual(await read(file, "-", join(folder, "d")), [
      { file, text: "z.txt" },
      { file: "standard input", text: "from stdin" },
      { file: join(folder, "d/a.yaml"), text: "d/a.yaml" },
      { file: join(folder, "d/b.yml"), text: "d/b.yml" },
      { file: join(folder, "d/c.json"), text: "d/c.json" },
    ]);
  });

  it("takes from a folder what ends as manifests do: no folders in it, no editors' files, links as files", async () => {
    write("a.yaml", "a");
    symlinkSync("a.yaml", join(folder, "link.yaml"));
    write("README.md");
    write("yaml");
    write(".a.yaml.swp.yaml");
    symlinkSync("gone", join(folder, ".#a.yaml"));
    mkdirSync(join(folder, "inner.yaml"));
    write("inner.yaml/b.yaml");
    assert.deepEqual(
      (await read(folder)).map(({ file, text }) => [file.slice(folder.length + 1), text]),
      [
        ["a.yaml", "a"],
        ["link.yaml", "a"],
      ],
    );
  });

  it("reads folders in folders, too, when told so, and follows no link to one", async () => {
    mkdirSync(join(folder, "b/c"), { recursive: true });
    mkdirSync(join(folder, ".git"));
    write("d.yaml");
    write("b/c/x.json");
    write("b/z.yml");
    write(".git/a.yaml");
    symlinkSync("..", join(folder, "b/up"));
    const sources = await readSources({ filename: [folder], recursive: true, timeout: 60 }, new FakeIo());
    assert.deepEqual(
      sources.map(({ file }) => file.slice(folder.length + 1)),
      ["b/c/x.json", "b/z.yml", "d.yaml"],
    );
    rmSync(join(folder, "d.yaml"));
    await fails(
      read(folder),
      /no \*\.yaml, \*\.yml or \*\.json in this folder; -R reads those in its folders, too$/,
    );
    await fails(read("https://example.com/a.yaml"), /^cannot read https:.*: it is no file; .*curl/);
  });

  it("names what is not there, a folder with nothing in it, and text that is not UTF-8", async () => {
    symlinkSync("loop.yaml", join(folder, "loop.yaml"));
    await fails(read(join(folder, "loop.yaml")), /^cannot read \S*loop\.yaml: its links lead in a circle$/);
    await fails(read("x".repeat(5000)), /^cannot read x+: the name is too long$/);
    rmSync(join(folder, "loop.yaml"));
    await fails(read(join(folder, "gone.yaml")), /^cannot read .*gone\.yaml: no such file or folder$/);
    write("README.md");
    await fails(read(folder), /no \*\.yaml, \*\.yml or \*\.json in this folder$/);
    await fails(read(write("a.yaml", Uint8Array.of(0x6e, 0xfc))), /a\.yaml: not UTF-8 text$/);
    await fails(read("-", "-"), /given twice/);
    symlinkSync("gone", join(folder, "b.yaml"));
    rmSync(join(folder, "a.yaml"));
    await fails(read(folder), /cannot read .*b\.yaml: no such file or folder$/);
  });

  it("names all of them at once", async () => {
    const latin1 = write("a.yaml", Uint8Array.of(0x6e, 0xfc));
    mkdirSync(join(folder, "empty"));
    mkdirSync(join(folder, "d"));
    write("d/b.yaml", Uint8Array.of(0xff));
    symlinkSync("gone", join(folder, "d/c.yaml"));
    const paths = [
      latin1,
      join(folder, "empty"),
      write("fine.yaml"),
      join(folder, "d"),
      join(folder, "gone"),
    ];
    await assert.rejects(read(...paths), (error) => {
      assert.ok(error instanceof CliErrors);
      const said = error.errors.map(({ message }) => message.replaceAll(`${folder}/`, ""));
      assert.deepEqual(said, [
        "a.yaml: not UTF-8 text",
        "empty: no *.yaml, *.yml or *.json in this folder",
        "d/b.yaml: not UTF-8 text",
        "cannot read d/c.yaml: no such file or folder",
        "cannot read gone: no such file or folder",
      ]);
      return true;
    });
  });

  it("reads no longer than there is time, or than nobody interrupts", async () => {
    const io = new FakeIo();
    io.readStdin = () => new Promise(() => undefined);
    await assert.rejects(readSources({ filename: ["-"], timeout: 0.05 }, io), {
      code: "ERR_TIMEOUT",
      message: "the end of the manifests did not come within 50 ms",
    });
    const reading = readSources({ filename: ["-"], timeout: 0 }, io);
    io.interrupt();
    await assert.rejects(reading, Interrupted);
  });
});
