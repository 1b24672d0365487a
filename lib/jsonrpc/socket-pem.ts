import { X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { codeOf, isNoPem } from "./tls-failure.ts";

/** Keys and certificates, as PEM. */
export type Pem = { readonly [option in "ca" | "cert" | "key"]?: string | Uint8Array | undefined };

/** Which of them cannot be used. */
export interface UnusablePem {
  readonly option: keyof Pem;
  /** What it ought to be, and what it holds instead. */
  readonly why: string;
}

const ROLES: Readonly<Record<keyof Pem, string>> = {
  ca: "certificate of an authority",
  cert: "certificate",
  key: "private key",
};

/** Tries each alone: of all together OpenSSL does not say which it could not read. */
export function findUnusable(pem: Pem): UnusablePem | undefined {
  for (const option of ["ca", "cert", "key"] as const) {
    const contents = pem[option];
    if (contents === undefined) continue;
    const given = Buffer.from(contents);
    try {
      if (option !== "key") new X509Certificate(given);
      createSecureContext({ [option]: given });
    } catch (error) {
      const code = codeOf(error as Error);
      if (!isNoPem(code)) continue;
      return { option, why: `no ${ROLES[option]} in PEM that can be used; ${found(given)} (${code})` };
    }
  }
  return undefined;
}

/** What a file holds by its own account: as a rule the name of another one was given. */
function found(contents: Buffer): string {
  const text = contents.toString("latin1");
  if (text.trim() === "") return "it is empty";
  const [label] = /-----BEGIN [A-Z0-9 ]{1,40}-----/.exec(text) ?? [];
  return label === undefined ? "it holds no PEM" : `it holds ${JSON.stringify(label)}`;
}
