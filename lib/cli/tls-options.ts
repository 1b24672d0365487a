import { readBytes, type TlsOptions, type unusablePem } from "../jsonrpc/index.ts";
import { CliError } from "./cli-error.ts";
import { Interrupted } from "./io.ts";
import type { ConnectionOptions } from "./options.ts";
import { printable } from "./output/text.ts";
import { tryTo } from "./try-to.ts";

/**
 * The keys of the command line. Reads and checks the files here, so that an error names the option and the file: the library
 * knows neither. `check` is handed over, as the bundle is cut into larger pieces when this file imports it. `signal` aborts
 * when the time is over, or with `Interrupted`.
 */
export async function readTlsOptions(
  options: ConnectionOptions,
  check: typeof unusablePem,
  signal: AbortSignal,
): Promise<TlsOptions> {
  const given = {
    key: { option: "private-key", file: options.privateKey },
    cert: { option: "certificate", file: options.certificate },
    ca: { option: "ca-cert", file: options.caCert },
  } as const;
  const read = async ({
    option,
    file,
  }: (typeof given)["key" | "cert" | "ca"]): Promise<Uint8Array | undefined> => {
    if (file === undefined) return undefined;
    try {
      return await tryTo(`read --${option}`, file, () => readBytes(file, signal));
    } catch (error) {
      if (!signal.aborted) throw error;
      if (signal.reason instanceof Interrupted) throw signal.reason;
      throw new CliError(`cannot read --${option} ${printable(file)}: its end did not come in time`);
    }
  };
  const key = await read(given.key);
  const cert = await read(given.cert);
  const ca = await read(given.ca);
  const tls = {
    ...(key === undefined ? {} : { key }),
    ...(cert === undefined ? {} : { cert }),
    ...(ca === undefined ? {} : { ca }),
  };
  const unusable = await check(tls);
  if (unusable !== undefined) {
    const { option, file = "" } = given[unusable.option];
    throw new CliError(`--${option} ${printable(file)}: ${unusable.why}`);
  }
  return tls;
}
