import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { OrderedOutput } from "../../../lib/cli/ordered-output.ts";

/** Two streams into one pipe, which takes a text only when the test says so. */
class Pipe {
  text = "";
  readonly #held: (() => void)[] = [];

  readonly stdout: Writable = this.#end();
  readonly stderr: Writable = this.#end();

  /** Takes all that is and will be written. */
  async drain(until: Promise<void>): Promise<void> {
    let isOver = false;
    void until.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      this.#held.shift()?.();
      await new Promise(setImmediate);
    }
  }

  #end(): Writable {
    return new Writable({
      decodeStrings: false,
      write: (chunk: string, _encoding, done) => {
        this.#held.push(() => {
          this.text += chunk;
          done();
        });
      },
    });
  }
}

describe("OrderedOutput", () => {
  it("keeps texts of two streams in order where both are one pipe that is full", async () => {
    const pipe = new Pipe();
    const output = new OrderedOutput([pipe.stdout, pipe.stderr]);
    const order = ["o1 ", "o2 ", "e3 ", "e4 ", "o5 ", "e6 ", "o7 "];
    for (const text of order) output.write(text.startsWith("o") ? pipe.stdout : pipe.stderr, text);
    await pipe.drain(output.end());
    assert.equal(pipe.text, order.join(""));
  });

  it("writes at once what overtakes nothing", () => {
    const pipe = new Pipe();
    const output = new OrderedOutput([pipe.stdout, pipe.stderr]);
    output.write(pipe.stderr, "e1");
    assert.equal(pipe.stderr.writableLength, 2);
    output.write(pipe.stderr, "e2");
    assert.equal(pipe.stderr.writableLength, 4);
  });

  it("ends where the reader of one of them has gone", async () => {
    const pipe = new Pipe();
    const output = new OrderedOutput([pipe.stdout, pipe.stderr]);
    pipe.stdout.on("error", () => {
      // As main.ts has it.
    });
    output.write(pipe.stdout, "o1");
    output.write(pipe.stderr, "e2");
    pipe.stdout.destroy(new Error("EPIPE"));
    await pipe.drain(output.end());
    assert.match(pipe.text, /e2/);
  });
});
