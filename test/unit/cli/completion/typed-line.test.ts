import assert from "node:assert/strict";
import { type Shell, splitLine } from "../../../../lib/cli/completion/typed-line.ts";

/** What bash has where nobody changed it. */
const BREAKS = " \t\n\"'@><=;|&(:";

describe("a line up to the cursor", () => {
  const split = (line: string, shell: Shell = "zsh"): readonly string[] => {
    const { words, last } = splitLine(`x ${line}`, shell);
    return [...words, last];
  };

  it("is parted into words at blanks that are not quoted", () => {
    assert.deepEqual(split("get  pods"), ["get", "pods"]);
    assert.deepEqual(split("get pods "), ["get", "pods", ""]);
    assert.deepEqual(split(`show 'a "b' "c 'd"e f\\ g`), ["show", `a "b`, "c 'de", "f g"]);
    assert.deepEqual(split(`show '' ""`), ["show", "", ""]);
    assert.deepEqual(split(`show '' ""x`), ["show", "", "x"]);
    assert.deepEqual(split("show ''  x"), ["show", "", "x"]);
    assert.deepEqual(split("show a\\"), ["show", "a"]);
  });

  it("keeps backslashes that quotes protect, and expands nothing", () => {
    assert.deepEqual(split(String.raw`show "a\"\\\$\b`), ["show", String.raw`a"\$\b`]);
    assert.deepEqual(split(String.raw`show 'a\' $HOME $(id)`), [
      "show",
      String.raw`a\ `.trim(),
      "$HOME",
      "$(id)",
    ]);
    assert.deepEqual(split(String.raw`show 'a\'b\\`, "fish"), ["show", String.raw`a'b\ `.trim()]);
  });

  it("begins after variables that are set for the command", () => {
    const { words, variables } = splitLine("OVN_NB_DB='a b' B=c=d x get C=e ", "zsh");
    assert.deepEqual([words, variables], [["get", "C=e"], { OVN_NB_DB: "a b", B: "c=d" }]);
    assert.deepEqual(splitLine("A=b x", "zsh").variables, { A: "b" });
    assert.deepEqual(splitLine("x --db=a get ", "fish").words, ["--db=a", "get"]);
    assert.deepEqual(splitLine("", "fish").words, []);
  });

  it("tells which quote is open, and what bash leaves of the last word as it is", () => {
    const end = (line: string): readonly unknown[] => {
      const { last, quote, kept } = splitLine(`x ${line}`, "bash", BREAKS);
      return [last, quote, last.slice(0, kept)];
    };
    assert.deepEqual(end("show a:b"), ["a:b", "", "a:"]);
    assert.deepEqual(end(String.raw`show a\:b`), ["a:b", "", ""]);
    assert.deepEqual(end(`show "a:b`), ["a:b", '"', ""]);
    assert.deepEqual(end(`show 'a:b'c`), ["a:bc", "", ""]);
    assert.deepEqual(end("show a:b'c d"), ["a:bc d", "'", "a:b"]);
    assert.deepEqual(end("apply --wait=s"), ["--wait=s", "", "--wait="]);
    assert.deepEqual(end("show a: b"), ["b", "", ""]);
  });
});
