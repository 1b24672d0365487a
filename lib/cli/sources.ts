import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ManifestSource } from "../manifests/index.ts";
import { CliError } from "./cli-error.ts";
import type { Io } from "./io.ts";
import { enumerate, printable } from "./output/text.ts";
import { tryTo } from "./try-to.ts";

/** Standard input, as kubectl calls it. */
const STDIN = "-";

const MANIFEST = /\.(?:ya?ml|json)$/;

/** Reads what `-f` names: files, the manifests in folders (not in their folders), standard input. */
export async function readSources(paths: readonly string[], io: Io): Promise<readonly ManifestSource[]> {
  if (paths.filter((path) => path === STDIN).length > 1)
    throw new CliError(`-f ${STDIN} is given twice: standard input can be read once`);
  const sources: ManifestSource[] = [];
  for (const path of paths) {
    if (path === STDIN) sources.push({ file: STDIN, text: decode(STDIN, await io.readStdin()) });
    else for (const file of await manifestsAt(path)) sources.push(await readSource(file));
  }
  return sources;
}

/**
 * Refuses manifests without any object: a program that was to write them probably failed. As `kubectl apply` does.
 *
 * @param objects What was read of them, used or passed over.
 */
export function refuseEmpty(
  sources: readonly ManifestSource[],
  ...objects: readonly (readonly unknown[])[]
): void {
  if (objects.some((list) => list.length > 0)) return;
  const files = sources.map(({ file }) => (file === STDIN ? "standard input" : file));
  throw new CliError(`there is no Kubernetes object in ${enumerate(files)}`);
}

/** The text of a file. Throws a CliError that names it. */
export async function readSource(file: string): Promise<ManifestSource> {
  return { file, text: decode(file, await tryTo("read", file, () => readFile(file))) };
}

async function manifestsAt(path: string): Promise<readonly string[]> {
  if (!(await isFolder(path))) return [path];
  const names = (await tryTo("read", path, () => readdir(path)))
    // As the shell's *.yaml: files whose names begin with a dot belong to editors.
    .filter((name) => MANIFEST.test(name) && !name.startsWith("."))
    .sort();
  const files: string[] = [];
  for (const name of names) {
    const file = join(path, name);
    if (!(await isFolder(file))) files.push(file);
  }
  if (files.length === 0) throw new CliError(`${printable(path)}: no *.yaml, *.yml or *.json in this folder`);
  return files;
}

async function isFolder(path: string): Promise<boolean> {
  return (await tryTo("read", path, () => stat(path))).isDirectory();
}

/** Text that is not UTF-8 would silently become other names. */
function decode(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new CliError(`${printable(file)}: not UTF-8 text`, { cause });
  }
}
