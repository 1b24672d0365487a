import assert from "node:assert/strict";
import fc from "fast-check";
import { stringify } from "yaml";
import { readAnyYaml, type YamlDocument } from "../../../lib/manifests/any-yaml.ts";
import type { FieldPath } from "../../../lib/manifests/field-path.ts";
import { lineFinder } from "../../../lib/manifests/json-text.ts";
import { readPlainYaml } from "../../../lib/manifests/plain-yaml.ts";
import { readYamlText } from "../../../lib/manifests/yaml-text.ts";

/** All ways into a value. */
function pathsOf(value: unknown, path: FieldPath = []): FieldPath[] {
  if (typeof value !== "object" || value === null) return [path];
  const steps: readonly (string | number)[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [
    path,
    [...path, "missing"],
    ...steps.flatMap((step) =>
      pathsOf((value as Readonly<Record<string | number, unknown>>)[step], [...path, step]),
    ),
  ];
}

function valueAt(root: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>(
    (value, step) => (value as Readonly<Record<string | number, unknown>> | undefined)?.[step],
    root,
  );
}

/** What is known of a document, and of each place in it. */
function told(document: YamlDocument): unknown {
  if ("error" in document) return document;
  const { value, layout } = document;
  // Where an empty document stands is nobody's concern.
  if (value === null) return { value };
  const lines = pathsOf(value).map((path) => {
    const text = valueAt(value, path);
    const length = typeof text === "string" ? text.trimEnd().length : 0;
    const within = Array.from({ length }, (_, offset) => layout.lineInText(path, offset));
    return [path.join("."), layout.lineOf(path), within];
  });
  return { value, lines };
}

function expectSame(text: string): void {
  assert.deepEqual(
    readYamlText(text).map(told),
    readAnyYaml(text, lineFinder(text)).map(told),
    JSON.stringify(text),
  );
}

const KUBECTL = `apiVersion: v1
items:
- apiVersion: v1
  kind: Pod
  metadata:
    annotations:
      k8s.v1.cni.cncf.io/network-status: |-
        [{
            "name": "a",

            "ips": ["10.0.0.1"]
        }]
      k8s.v1.cni.cncf.io/networks: '[{"name": "it''s"}]'
      note: "with \\"escapes\\" \\\\ and \\u00e9"  # a comment
    creationTimestamp: "2026-01-01T00:00:00Z"
    finalizers: []
    generateName: web-
    labels: {}
    managedFields:
    - fieldsV1:
        f:status:
          .: {}
          k:{"type":"Ready"}:
            f:x: {}
  spec:
    # of the pod
    nodeName: node-1
    containers:
      - name: web
        ports:
        - containerPort: 80
          hostIP: 10.0.0.1
        - containerPort: -1
    hostNetwork: false
    priority: null
    nothing:
  -_: ~x
kind: List
`;

describe("plain YAML", () => {
  it("is what kubectl prints, and is read as the library reads all YAML", () => {
    const plain = KUBECTL.replace("  -_: ~x\n", "");
    assert.notEqual(readPlainYaml(plain), undefined);
    expectSame(plain);
    expectSame(`# first\n---\n${plain}---\n---\n# empty\n--- # not\n${plain}`);
    assert.equal(readPlainYaml(KUBECTL), undefined);
    expectSame(KUBECTL);
  });

  it("leaves alone what means more than it looks", () => {
    for (const text of [
      "a: b: c",
      "a: b\n  c",
      "a: &x b",
      "a: *x",
      "a: !!str 1",
      "a: >\n  b\n",
      "a: |2\n   b\n",
      "a: |\n  b",
      "a: |\n    b\n   c\n",
      "a: 0x10",
      "a: 1e3",
      "a: 010",
      "a: .inf",
      "a: 12345678901234567890",
      "1: a",
      "null: a",
      "<<: {a: 1}",
      "? a\n: b",
      "a:\tb",
      "a: 1\r\nb: 2",
      "a: é",
      "a: 1\na: 2",
      "a: 1\n  b: 2",
      "a:\n    b: 1\n  c: 2",
      "a: x\n- b",
      "- a\nb: c",
      "-\n  a: b",
      "a: 'b\n  c'",
      'a: "b\\x41"',
      "a: 'b'c",
      "a: @b",
      "a: -",
      "just words",
      "'quoted'",
      "[a]",
      "--- a",
    ]) {
      assert.equal(readPlainYaml(text), undefined, text);
      expectSame(text);
    }
  });

  it("says of any text just what the library says", () => {
    const piece = fc.constantFrom(
      ...[
        "a:",
        "b:",
        "f:x:",
        ".:",
        "k8s.io/a-b:",
        "- ",
        "- - ",
        "-",
        " ",
        "  ",
        "    ",
        "\n",
        "\n",
        "\n",
        "\n  ",
        "\n    ",
      ],
      ...[
        "x",
        "10",
        "-1",
        "1.5",
        "10.0.0.1/8",
        "true",
        "null",
        "~",
        "{}",
        "[]",
        "{a: 1}",
        "[x]",
        "'it''s'",
        '"q\\n"',
        '"\\x41"',
      ],
      ...[
        "|",
        "|-",
        "|+",
        ">",
        "# c",
        " # c",
        "---",
        "\n---\n",
        "\n...\n",
        "%",
        "&a",
        "*a",
        "!t",
        "?",
        ":",
        ",",
        "\t",
        "\r\n",
        "é",
        "'",
        '"',
      ],
      ...[
        "a: 1\n",
        "b: x y\n",
        "a:\n  b: c\n",
        "a:\n- b\n- c: d\n  e: f\n",
        "a: |\n  b\n\n    c\n",
        "- a: |-\n    b\n  c: d\n",
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 16 }), (pieces) => expectSame(pieces.join(""))),
      { numRuns: 1000 },
    );
  });

  it("is read where others write values as YAML", () => {
    const scalar = fc.oneof(
      fc.string({ unit: fc.constantFrom(..."ab1.-:#'\"{}[] \n|/~") }),
      fc.constantFrom("true", "1", "0x1", "1e3", "null", ""),
      fc.integer(),
      fc.double({ noNaN: true }),
      fc.boolean(),
      fc.constant(null),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: "medium", withCrossShrink: true },
        scalar,
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(fc.string({ unit: fc.constantFrom(..."ab1.-:# _"), maxLength: 4 }), tie("tree"), {
          maxKeys: 4,
        }),
      ),
    }));
    fc.assert(
      fc.property(
        tree,
        fc.boolean(),
        fc.constantFrom("PLAIN", "QUOTE_DOUBLE", "QUOTE_SINGLE", "BLOCK_LITERAL"),
        (value, indentSeq, defaultStringType) =>
          expectSame(
            stringify(value, { indentSeq, defaultStringType: defaultStringType as "PLAIN", lineWidth: 0 }),
          ),
      ),
      { numRuns: 1000 },
    );
  });
});
