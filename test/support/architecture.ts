/** A source file of `lib`. */
export interface SourceFile {
  /** Path below lib, with slashes, such as "ovsdb/values.ts". */
  readonly path: string;
  readonly text: string;
}

/** An import or re-export in a file. */
export interface Import {
  readonly file: string;
  readonly specifier: string;
}

const order = [
  "jsonrpc",
  "ovsdb",
  "session",
  "replica",
  "database",
  "schemas",
  "reconcile",
  "topology",
  "manifests",
] as const;

/** Which layers each layer may import, always through their index.ts. */
export const allowedLayers: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ...order.map((layer, index) => [layer, order.slice(0, index)] as const),
  ["codegen", ["jsonrpc", "ovsdb"]],
  ["testing", ["jsonrpc", "ovsdb", "schemas"]],
  ["cli", [...order, "codegen", "testing", "index.ts"]],
]);

/** The folders of a large layer, each of which imports only from those ahead of it. What is in no folder may import all. */
export const foldersOf: ReadonlyMap<string, readonly string[]> = new Map([
  [
    "topology",
    [
      "naming",
      "description",
      "request",
      "addresses",
      "observe",
      "rows",
      "policies",
      "isolation",
      "dhcp",
      "primary",
      "zones",
      "assemble",
      "services",
      "removal",
      "plan",
      "inspect",
      "graph",
    ],
  ],
  ["manifests", ["text", "objects", "networks", "nodes", "pods", "policies", "services"]],
]);

/** The only places for `node:` imports, with what they may import where that is limited. */
const nodeImports: readonly { readonly path: RegExp; readonly modules?: readonly string[] }[] = [
  { path: /^jsonrpc\/socket(?:-\w+)?\.ts$/ },
  { path: /^jsonrpc\/json-text\.ts$/, modules: ["node:buffer"] },
  { path: /^ovsdb\/hash\.ts$/, modules: ["node:crypto"] },
  { path: /^session\//, modules: ["node:diagnostics_channel"] },
  { path: /^(testing|cli)\// },
];

const maxLines = 400;

/** The imports, re-exports and dynamic imports of a file. */
export function importsOf(file: SourceFile): Import[] {
  // Template strings hold what the code generator writes, not what the file imports.
  const code = withoutComments(file.text).replaceAll(/`(?:[^`\\]|\\.)*`/g, "``");
  const found = code.matchAll(/(?:\bfrom\s*|\bimport\s*\(\s*|^\s*import\s+)"([^"\n]+)"/gm);
  const specifiers = [...found]
    .map((match) => match[1] ?? "")
    .filter((specifier) => !specifier.includes("${"));
  return specifiers.map((specifier) => ({ file: file.path, specifier }));
}

/** What is wrong with a file's imports, a sentence each. */
export function layerViolations(file: SourceFile): string[] {
  return importsOf(file).flatMap(({ specifier }) => {
    const wrong = importFault(file.path, specifier);
    return wrong === undefined ? [] : [`${file.path} imports ${specifier}: ${wrong}`];
  });
}

function importFault(path: string, specifier: string): string | undefined {
  if (specifier.startsWith("node:")) {
    const place = nodeImports.find((one) => one.path.test(path));
    const fits = place !== undefined && (place.modules === undefined || place.modules.includes(specifier));
    return fits ? undefined : "node: is not for this file";
  }
  if (!specifier.startsWith(".")) {
    return specifier.startsWith("ovn-northbound") ? "the package itself" : undefined;
  }
  if (!specifier.endsWith(".ts")) {
    return "no .ts ending";
  }
  const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
  const from = layerOf(path);
  const to = layerOf(target);
  if (from === to) {
    return folderFault(from, path, target);
  }
  const allowed =
    from === "index.ts"
      ? [...allowedLayers.keys()].filter((name) => name !== "cli")
      : allowedLayers.get(from);
  if (allowed === undefined) {
    return `lib/${from} is not a known layer`;
  }
  if (!allowed.includes(to)) {
    return `${from} may not know ${to}`;
  }
  // A command of one process loads the model that it reads, and not all three.
  const isModel = from === "cli" && /^schemas\/[a-z]+\/index\.ts$/.test(target);
  return target === `${to}/index.ts` || target === to || isModel
    ? undefined
    : "another layer is imported through its index.ts";
}

function folderFault(layer: string, path: string, target: string): string | undefined {
  const folders = foldersOf.get(layer);
  if (folders === undefined) return undefined;
  const [from, to] = [folderIn(path), folderIn(target)];
  if (from === to || from === undefined) return undefined;
  const known = folders.slice(0, folders.indexOf(from));
  return to !== undefined && known.includes(to)
    ? undefined
    : `${layer}/${from} may not know ${to ?? "what is in no folder"}`;
}

/** Files that import each other in a circle, types too, an entry for each circle: there is no order in which to read them. */
export function circles(files: readonly SourceFile[]): string[][] {
  const importsIn = new Map(files.map((file) => [file.path, importsOf(file).flatMap(targetOf)]));
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    const at = way.indexOf(path);
    if (at !== -1) found.push(way.slice(at));
    if (at !== -1 || done.has(path)) return;
    for (const target of importsIn.get(path) ?? []) visit(target, [...way, path]);
    done.add(path);
  };
  for (const path of importsIn.keys()) visit(path, []);
  return found;
}

function targetOf({ file, specifier }: Import): string[] {
  return specifier.startsWith(".") ? [new URL(specifier, `file:///${file}`).pathname.slice(1)] : [];
}

/** What else is wrong with a file, a sentence each: length, `any`, non-null assertions. */
export function styleViolations(file: SourceFile): string[] {
  const faults: string[] = [];
  const lines = file.text.trimEnd().split("\n").length;
  if (lines > maxLines && !isGenerated(file)) {
    faults.push(`${file.path}: ${lines} lines, at most ${maxLines}`);
  }
  const code = withoutComments(file.text).replaceAll(
    /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g,
    '""',
  );
  if (/(?::|\bas|<|,|\||&|\bextends)\s*any\b(?!\s*[:(.])/.test(code)) {
    faults.push(`${file.path}: any`);
  }
  if (/[\w)\]]!(?:\.|\[|\(|;|,|\)|\s*$)/m.test(code)) {
    faults.push(`${file.path}: non-null assertion`);
  }
  return faults;
}

/** Files written by `ovn-northbound codegen`. */
export function isGenerated(file: SourceFile): boolean {
  return file.path.startsWith("schemas/") && file.text.startsWith("// @generated");
}

/** The folder of a layer in which a file is. */
function folderIn(path: string): string | undefined {
  const parts = path.split("/");
  return parts.length > 2 ? parts[1] : undefined;
}

function layerOf(path: string): string {
  return path.split("/", 1)[0] ?? "";
}

// Strings are looked at first, so that "http://" in one does not start a comment.
function withoutComments(text: string): string {
  const parts = /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return text.replaceAll(parts, (_match, literal: string | undefined) => literal ?? "");
}
