import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { CliError } from "./cli-error.ts";
import { printable } from "./output/text.ts";
import { tryTo } from "./try-to.ts";

const MANIFEST = /\.(?:ya?ml|json)$/;

/** The files that a path of `-f` stands for: itself, or the manifests in a folder; those in its folders only if `recursive`. */
export async function manifestsAt(path: string, recursive: boolean): Promise<readonly string[]> {
  if (/^https?:\/\//.test(path))
    throw new CliError(
      `cannot read ${printable(path)}: it is no file; what another program fetches is read from a pipe: curl -sSfL ... | ovn-northbound ... -f -`,
    );
  if (!(await isFolder(path))) return [path];
  const found = { files: [], folders: [] };
  await search(path, recursive, found);
  if (found.files.length > 0) return found.files;
  const more = found.folders.length > 0 && !recursive ? "; -R reads those in its folders, too" : "";
  throw new CliError(`${printable(path)}: no *.yaml, *.yml or *.json in this folder${more}`);
}

async function search(
  folder: string,
  recursive: boolean,
  found: { readonly files: string[]; readonly folders: string[] },
): Promise<void> {
  const entries = (await tryTo("read", folder, () => readdir(folder, { withFileTypes: true })))
    // As the shell's *.yaml: files whose names begin with a dot belong to editors.
    .filter(({ name }) => !name.startsWith("."))
    .toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    // Not what a link leads to, as kubectl has it: that may be the folder itself.
    if (entry.isDirectory()) {
      found.folders.push(path);
      if (recursive) await search(path, recursive, found);
    } else if (MANIFEST.test(entry.name) && !(await isFolder(path).catch(() => false))) {
      // What is wrong with one of them is found, and told beside the others, when it is read.
      found.files.push(path);
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await tryTo("read", path, () => stat(path))).isDirectory();
}
