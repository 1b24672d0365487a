import { type Deadline, delay } from "../database/index.ts";
import { readBytes } from "../jsonrpc/index.ts";
import type { ManifestSource } from "../manifests/index.ts";
import { CliError, CliErrors } from "./cli-error.ts";
import { deadlineOf } from "./connection.ts";
import type { Io } from "./io.ts";
import { manifestsAt } from "./manifest-files.ts";
import type { GlobalOptions } from "./options.ts";
import { enumerate, printable } from "./output/text.ts";
import { tryTo } from "./try-to.ts";

/** Standard input, as kubectl's option calls it. */
const STDIN = "-";

/** The same as messages call it. */
const STDIN_NAME = "standard input";

/** Which manifests are read, and how long at most. */
export interface ReadingOptions extends Pick<GlobalOptions, "timeout"> {
  readonly filename: readonly string[];
  /** Folders in folders, too. */
  readonly recursive?: true;
}

/**
 * Reads what `-f` names: files, the manifests in folders, standard input. Everything that cannot be read is told at once.
 */
export async function readSources(
  { filename, recursive, timeout }: ReadingOptions,
  io: Io,
): Promise<readonly ManifestSource[]> {
  if (filename.filter((path) => path === STDIN).length > 1)
    throw new CliError(`-f ${STDIN} is given twice: ${STDIN_NAME} can be read once`);
  return within(
    deadlineOf({ timeout }, io),
    io.signal,
    "the end of the manifests",
    readAll(filename, recursive === true, io),
  );
}

async function readAll(
  paths: readonly string[],
  recursive: boolean,
  io: Io,
): Promise<readonly ManifestSource[]> {
  const sources: ManifestSource[] = [];
  const failures: CliError[] = [];
  const attempt = async (read: () => Promise<void>): Promise<void> => {
    try {
      await read();
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      failures.push(error);
    }
  };
  for (const path of paths)
    await attempt(async () => {
      if (path === STDIN) sources.push(await readText(STDIN_NAME, () => io.readStdin()));
      else
        for (const file of await manifestsAt(path, recursive))
          await attempt(async () => void sources.push(await readFileSource(file, io.signal)));
    });
  const [first, ...others] = failures;
  if (first !== undefined) throw others.length === 0 ? first : new CliErrors(failures);
  return sources;
}

/**
 * Waits for what is read, and no longer than there is time: a pipe may stay open for ever, and its reader cannot be called
 * back. The end of the process ends it.
 */
async function within<R>(
  deadline: Deadline,
  signal: AbortSignal,
  what: string,
  reading: Promise<R>,
): Promise<R> {
  const over = new AbortController();
  const late = delay(deadline.left, AbortSignal.any([signal, over.signal])).then(() => {
    throw deadline.error(what);
  });
  try {
    return await Promise.race([reading, late]);
  } finally {
    over.abort();
  }
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
  throw new CliError(`there is no Kubernetes object in ${enumerate(sources.map(({ file }) => file))}`);
}

/** The text of one file. Throws a CliError that names it. */
export function readSource(
  file: string,
  { timeout }: Pick<GlobalOptions, "timeout">,
  io: Io,
): Promise<ManifestSource> {
  const what = `the end of ${printable(file)}`;
  return within(deadlineOf({ timeout }, io), io.signal, what, readFileSource(file, io.signal));
}

function readFileSource(file: string, signal: AbortSignal): Promise<ManifestSource> {
  return readText(file, () => readBytes(file, signal));
}

async function readText(file: string, read: () => Promise<Uint8Array>): Promise<ManifestSource> {
  return { file, text: decode(file, await tryTo("read", file, read)) };
}

/** Text that is not UTF-8 would silently become other names. */
function decode(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new CliError(`${printable(file)}: not UTF-8 text`, { cause });
  }
}
