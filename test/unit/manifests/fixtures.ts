import assert from "node:assert/strict";
import {
  type ManifestError,
  ManifestErrors,
  type ManifestSet,
  readManifests,
} from "../../../lib/manifests/index.ts";

/** A NetworkAttachmentDefinition whose configuration stands on lines of its own: field n of it on line 8 + n. */
export function nad(key: string, fields: Record<string, unknown>): string {
  const [namespace, name] = key.split("/");
  const config = { type: "ovn-k8s-cni-overlay", netAttachDefName: key, ...fields };
  const lines = JSON.stringify(config, null, 2).split("\n");
  return [
    "apiVersion: k8s.cni.cncf.io/v1",
    "kind: NetworkAttachmentDefinition",
    "metadata:",
    `  name: ${name}`,
    `  namespace: ${namespace}`,
    "spec:",
    "  config: |",
    ...lines.map((line) => `    ${line}`),
    "",
  ].join("\n");
}

export function blue(fields: Record<string, unknown> = {}, key = "kube-system/blue"): string {
  return nad(key, { name: "blue", topology: "layer2", subnets: "10.1.0.0/16", ...fields });
}

/** An object as one line of JSON, which is YAML as well. */
export function node(name: string, metadata: Record<string, unknown> = {}): string {
  return JSON.stringify({ apiVersion: "v1", kind: "Node", metadata: { name, ...metadata } });
}

export function pod(
  key: string,
  networks: unknown,
  rest: { metadata?: object; annotations?: object; spec?: object; status?: object } = {},
): string {
  const [namespace, name] = key.split("/");
  const selection = networks === undefined ? {} : { "k8s.v1.cni.cncf.io/networks": networks };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, annotations: { ...selection, ...rest.annotations }, ...rest.metadata },
    spec: rest.spec ?? { nodeName: "n1" },
    status: rest.status,
  });
}

export function documents(...texts: readonly string[]): string {
  return texts.map((text) => (text.endsWith("\n") ? text : `${text}\n`)).join("---\n");
}

/** Reads one file called m.yaml. */
export function read(...texts: readonly string[]): ManifestSet {
  return readManifests([{ file: "m.yaml", text: documents(...texts) }]);
}

export function errorsIn(run: () => unknown): readonly ManifestError[] {
  let errors: readonly ManifestError[] = [];
  assert.throws(run, (error) => {
    assert.ok(error instanceof ManifestErrors, String(error));
    errors = error.errors;
    return true;
  });
  for (const error of errors) {
    assert.ok(error.message.includes(`${error.file}, document ${error.document}, line ${error.line}`));
    assert.ok(error.message.includes(error.field));
  }
  return errors;
}

/** What a test says about an error; the line is checked where it is given. */
export interface Expected {
  readonly document?: number;
  readonly line?: number;
  readonly field: string;
  readonly value?: unknown;
  readonly reason: RegExp;
}

/** Reads one file and compares all its errors. */
export function expectErrors(texts: readonly string[], ...expected: readonly Expected[]): void {
  const errors = errorsIn(() => read(...texts));
  assert.deepEqual(
    errors.map(({ field, value }) => ({ field, value })),
    expected.map(({ field, value }) => ({ field, value })),
  );
  for (const [index, error] of errors.entries()) {
    const wanted = expected[index];
    assert.ok(wanted);
    assert.match(error.reason, wanted.reason);
    assert.equal(error.file, "m.yaml");
    assert.equal(error.document, wanted.document ?? 1);
    if (wanted.line !== undefined) assert.equal(error.line, wanted.line);
  }
}
