import assert from "node:assert/strict";
import { readManifests } from "../../../lib/manifests/index.ts";
import { errorsIn } from "./fixtures.ts";

/** A definition, with what is under its `spec`. */
const definition = (spec: string): string => `apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: {name: blue, namespace: default}
spec:
${spec}`;

/** The line of the first error in a text, as it stands there. */
function lineOfError(text: string): readonly [line: string | undefined, reason: string] {
  const [error, ...others] = errorsIn(() => readManifests([{ file: "m.yaml", text }]));
  assert.ok(error !== undefined);
  assert.deepEqual(others, []);
  return [text.split(/\r?\n/)[error.line - 1], error.reason];
}

const sound = [
  "{",
  '  "cniVersion": "1.0.0",',
  "",
  '  "name": "it is here",',
  '  "type": "ovn-k8s-cni-overlay",',
  '  "topology": "layer2",',
  '  "netAttachDefName": "default/blue"',
  "}",
];
const json = (replace: string, by: string): string => sound.join("\n").replace(replace, by);

/** JSON that is none, and a part of the line on which that shows. */
const faults: Readonly<Record<string, readonly [text: string, line: string]>> = {
  "a comma is missing": [json('"layer2",', '"layer2"'), "netAttachDefName"],
  "the end is missing": [json("\n}", ""), "netAttachDefName"],
  "the end is missing, and lines are left": [json("\n}", "\n\n"), "netAttachDefName"],
  "there is a comment": [json('"layer2",', '"layer2", // of OSI'), "topology"],
  "there is a space that is none in JSON": [json('"layer2",', '"layer2",\u{A0}'), "topology"],
  "there is a comment behind a character of two units": [
    json("here", "here \u{1F600}").replace('"layer2",', '"layer2", // of OSI'),
    "topology",
  ],
};

const indented = (text: string, by: string): string => text.replace(/^(?=.)/gm, by);
const inner = (text: string): string => indented(text, "    ").trimStart();
const singly = (text: string): string => text.replaceAll("'", "''");
const doubly = (text: string): string => text.replaceAll('"', String.raw`\"`);

/** Ways to write a text in YAML. */
const styles: Readonly<Record<string, (text: string) => string>> = {
  ...Object.fromEntries(
    ["|", "|-", "|+", "|2", "|2+", "| # of ours", ">", ">-", ">+", ">2-", "&a |", "!!str >"].map((sign) => [
      sign,
      (text: string) => `  config: ${sign}\n${indented(text, "    ")}\n  other: x\n`,
    ]),
  ),
  "| with lines before and behind": (text) => `  config: |+\n\n\n${indented(text, "    ")}\n\n\n  other: x\n`,
  "| with tabs": (text) => `  config: |\n${indented(text.replaceAll("  ", "\t"), "    ")}\n`,
  "| with lines that end as on Windows": (text) =>
    `  config: |\n${indented(text, "    ")}\n`.replaceAll("\n", "\r\n"),
  "single quotes": (text) => `  config: '${singly(inner(text))}'\n  other: x\n`,
  "single quotes on a line of their own": (text) => `  config:\n    '${singly(inner(text))}'\n`,
  "single quotes at the margin": (text) => `  config: '${singly(text)}'\n`,
  "single quotes in a map in braces": (text) => `  {config: '${singly(inner(text))}  ', other: x}\n`,
  "double quotes": (text) => `  config: "${doubly(inner(text))}"\n  other: x\n`,
  "double quotes at the margin": (text) => `  config: "${doubly(text)}"\n`,
  "double quotes, with \\n and a backslash at the end of each line": (text) =>
    `  config: "${doubly(inner(text)).replaceAll("\n", "\\n\\\n")}"\n`,
  "double quotes, with numbers of characters": (text) =>
    `  config: "${inner(text)
      .replaceAll('"', String.raw`\u0022`)
      .replaceAll(":", String.raw`\x3a\x20`)
      .replaceAll("\u{1F600}", String.raw`\U0001F600`)
      .replaceAll("\u{A0}", String.raw`\_`)}"\n`,
  "an alias": (text) => `  other: &a |\n${indented(text, "    ")}\n  config: *a\n`,
  "a map that is merged": (text) =>
    `  other: &a {x: y}\n  more: &b\n    config: |\n${indented(text, "      ")}\n  <<: [*a, *b]\n`,
};

describe("the line on which a text of a manifest is no JSON", () => {
  for (const [style, write] of Object.entries(styles)) {
    it(`is told of one that is written with ${style}`, () => {
      for (const [fault, [text, expected]] of Object.entries(faults)) {
        const [line, reason] = lineOfError(definition(write(text)));
        assert.match(reason, /^is not JSON: /, fault);
        assert.ok(line?.includes(expected), `${fault}: ${line}`);
      }
    });
  }

  it("is shown beside it where the text is cut, though lines are left that hold nothing", () => {
    const text = definition(`  config: |\n${indented(`${json("\n}", "")}\n\n`, "    ")}\n`);
    const [error] = errorsIn(() => readManifests([{ file: "m.yaml", text }]));
    assert.equal(error?.value, '"netAttachDefName": "default/blue"');
  });

  it("is the only one of a text that is on one line", () => {
    const [text] = faults["a comma is missing"] ?? [""];
    const [line] = lineOfError(definition(`  other: x\n  config: ${JSON.stringify(text)}\n  more: y\n`));
    assert.match(line ?? "", /config/);
  });

  it("is that of the sign after which a text in quotes begins, or one in braces", () => {
    for (const sign of ["|", ">", "|-", "!!str >"])
      for (const [before, behind] of [
        ["'", "'"],
        ['"', '"'],
        ["", ""],
      ] as const) {
        const text = definition(
          `  config: ${sign} ${before}${inner(sound.join("\n"))}${behind}\n  other: x\n`,
        );
        const [line, reason] = lineOfError(text);
        assert.equal(line, `  config: ${sign} ${before}{`);
        assert.match(
          reason,
          /^is not YAML: the text of [|>] begins on the next line, without quotes around it$/,
        );
      }
  });
});
