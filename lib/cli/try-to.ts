import { CliError } from "./cli-error.ts";
import { printable } from "./output/text.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  EACCES: "permission denied",
  EISDIR: "is a folder",
  EEXIST: "is a file",
  ENOTDIR: "a part of the path is not a folder",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left",
  EBADF: "is not open for reading",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "the name is too long",
};

/** Runs a file operation; its failure names the file and the reason and nothing else. */
export async function tryTo<R>(what: string, path: string, operation: () => Promise<R>): Promise<R> {
  try {
    return await operation();
  } catch (cause) {
    const { code = "", message } = cause as NodeJS.ErrnoException;
    throw new CliError(`cannot ${what} ${printable(path) || '""'}: ${REASONS[code] ?? message}`, { cause });
  }
}
