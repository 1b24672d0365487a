// Regenerates lib/schemas from the compiled lib/schemas and compares: the generated TypeScript is the only copy of OVN's
// schemas that the repository holds, so it is its own source.
//
//   node scripts/check-generated.mjs FOLDER [--write]
//
// FOLDER holds compiled output (`build/lib`); --write rewrites what differs, after a change of the generator.

import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const models = [
  { folder: "northbound", name: "northbound" },
  { folder: "southbound", name: "southbound" },
  { folder: "vswitch", name: "openvswitch" },
];

const [compiled, ...flags] = process.argv.slice(2);
if (compiled === undefined || flags.some((flag) => flag !== "--write")) {
  console.error("usage: node scripts/check-generated.mjs FOLDER_OF_COMPILED_OUTPUT [--write]");
  process.exit(2);
}

const write = flags.includes("--write");
const { parseJson, stringifyJson } = await load("jsonrpc");
const { parseSchema, schemaToJson } = await load("ovsdb");
const { generateModel } = await load("codegen");

let files = 0;
const different = [];
for (const { folder, name } of models) {
  const { [name]: model } = await load(`schemas/${folder}`);
  // Through JSON text and back: a model that cannot be served by a real ovsdb-server must not pass.
  const schema = parseSchema(parseJson(stringifyJson(schemaToJson(model))));
  const generated = generateModel(schema, { importFrom: "../../ovsdb/index.ts" });
  const source = join(dirname(fileURLToPath(import.meta.url)), "..", "lib", "schemas", folder);
  const present = new Map();
  for (const file of await readdir(source)) present.set(file, await readFile(join(source, file), "utf8"));
  for (const file of new Set([...generated.keys(), ...present.keys()])) {
    files += 1;
    const text = generated.get(file);
    if (text === present.get(file)) continue;
    different.push(`lib/schemas/${folder}/${file}`);
    if (!write) continue;
    await (text === undefined ? rm(join(source, file)) : writeFile(join(source, file), text));
  }
}

if (different.length === 0) {
  console.log(`generated models: ${files} files are what the generator writes`);
} else if (write) {
  console.log(`generated models: rewrote ${different.length} of ${files} files; compile and check again`);
} else {
  console.error(
    `generated models: ${different.length} of ${files} files differ from what the generator writes:`,
  );
  for (const file of different) console.error(`  ${file}`);
  console.error(
    "generated files are not edited by hand; after a change of lib/codegen run this with --write",
  );
  process.exit(1);
}

async function load(layer) {
  return await import(pathToFileURL(resolve(compiled, layer, "index.js")).href);
}
