import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dialSocket, EndpointError } from "../../../lib/jsonrpc/index.ts";

describe("a socket with a long path", () => {
  let folder: string;
  let deep: string;
  let server: Server | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "long-"));
    deep = join(folder, "d".repeat(100), "é".repeat(40));
    mkdirSync(deep, { recursive: true });
  });

  afterEach(() => {
    server?.close();
    server = undefined;
    rmSync(folder, { recursive: true });
  });

  const dial = (path: string) => dialSocket({ kind: "unix", path }, { signal: new AbortController().signal });
  const refused = (path: string, why: RegExp) =>
    assert.rejects(dial(path), (error) => {
      assert.ok(error instanceof EndpointError, String(error));
      assert.ok(error.message.startsWith(`cannot connect to unix:${path}: `), error.message);
      assert.match(error.message, why);
      return true;
    });

  it("is reached where the system allows it, and nothing stays open for that", async function () {
    if (process.platform !== "linux") this.skip();
    const answers = createServer((socket) => socket.end("here")).listen(join(folder, "s"));
    server = answers;
    await once(answers, "listening");
    // Node.js cannot listen at a long path; a socket goes where it is moved to.
    renameSync(join(folder, "s"), join(deep, "s"));
    const opened = (): number => readdirSync("/proc/self/fd").length;
    const before = opened();
    const transport = await dial(join(deep, "s"));
    const said = await new Promise<string>((resolve) => {
      let text = "";
      transport.start({
        onData: (bytes) => {
          text += Buffer.from(bytes).toString();
        },
        onClose: () => resolve(text),
      });
    });
    assert.equal(said, "here");
    transport.close();
    await refused(join(deep, "other"), /: no such socket$/);
    assert.ok(opened() <= before + 1, "a folder is still open");
  });

  it("is not looked for where the first part of its path leads", async () => {
    // What Node.js would have taken: the beginning, as far as it fits. Without an end mark that is one byte more.
    const path = join(folder, "x".repeat(200));
    const cut = Buffer.from(path).subarray(0, 108).toString();
    server = createServer((socket) => socket.end()).listen(cut);
    await once(server, "listening");
    await refused(path, /path has \d+ bytes, and that of a socket at most 10[37]$/);
    await refused(join(folder, "nowhere".repeat(20), "s"), /: no such socket$|bytes/);
  });
});
