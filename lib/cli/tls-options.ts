import { readFile } from "node:fs/promises";
import type { TlsOptions } from "../jsonrpc/index.ts";
import type { GlobalOptions } from "./options.ts";
import { tryTo } from "./try-to.ts";

/** The keys of the command line. Reads the files here, so that an error names the option and not the library's. */
export async function readTlsOptions(options: GlobalOptions): Promise<TlsOptions> {
  const read = async (option: string, file: string | undefined): Promise<Uint8Array | undefined> =>
    file === undefined ? undefined : tryTo(`read --${option}`, file, () => readFile(file));
  const key = await read("private-key", options.privateKey);
  const cert = await read("certificate", options.certificate);
  const ca = await read("ca-cert", options.caCert);
  return {
    ...(key === undefined ? {} : { key }),
    ...(cert === undefined ? {} : { cert }),
    ...(ca === undefined ? {} : { ca }),
  };
}
