import { EndpointError, UsageError } from "./errors.ts";
import { checkObject } from "./known-keys.ts";

/** Where an OVSDB server listens: a Unix domain socket, TCP, or TLS over TCP. */
export type Endpoint =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp" | "ssl"; readonly host: string; readonly port: number };

/** An endpoint that has a host and a port. */
export type AddressEndpoint = Exclude<Endpoint, { readonly kind: "unix" }>;

/** The port of a northbound database (ovn-nbctl(1)). */
const NORTHBOUND_PORT = 6641;

/**
 * Reads a comma-separated list of servers, as `ovn-nbctl --db` takes it.
 *
 * Parts are `unix:PATH`, `tcp:HOST[:PORT]` and `ssl:HOST[:PORT]`; an IPv6 address stands in brackets, and the brackets are
 * not part of `host`.
 *
 * @param defaultPort for parts without one. @default 6641, a northbound database's
 * @example
 * parseEndpoints("ssl:10.0.0.1:6641,tcp:[::1]:6641,unix:/run/ovn/ovnnb_db.sock");
 * @throws EndpointError naming the part that is not understood, UsageError for a default that is no port
 */
export function parseEndpoints(text: string, defaultPort: number = NORTHBOUND_PORT): Endpoint[] {
  if (!isPort(defaultPort))
    throw new UsageError(`the default port is a number from 1 to 65535, and not ${String(defaultPort)}`);
  // A variable of the environment that is not set is `undefined`, whatever the type checker was told.
  if (typeof text !== "string") throw unreadable(String(text), "it must be a text");
  return text.split(",").map((part) => parseEndpoint(part.trim(), defaultPort));
}

/** Writes an endpoint the way `parseEndpoints` reads it. Throws `UsageError` for what is none, as its text. */
export function formatEndpoint(endpoint: Endpoint): string {
  checkObject("an endpoint", endpoint);
  if (endpoint.kind === "unix" && typeof endpoint.path === "string") return `unix:${endpoint.path}`;
  if ((endpoint.kind !== "tcp" && endpoint.kind !== "ssl") || typeof endpoint.host !== "string")
    throw new UsageError("an endpoint has kind and path, or kind, host and port, as parseEndpoints gives it");
  const host = endpoint.host.includes(":") ? `[${endpoint.host}]` : endpoint.host;
  return `${endpoint.kind}:${host}:${endpoint.port}`;
}

function parseEndpoint(part: string, defaultPort: number): Endpoint {
  const [, kind, rest = ""] = /^([^:]*):(.*)$/s.exec(part) ?? [];
  switch (kind) {
    case "unix":
      if (rest === "") throw unreadable(part, "the path is missing");
      return { kind, path: rest };
    case "tcp":
    case "ssl":
      return { kind, ...parseAddress(part, rest, defaultPort) };
    case "punix":
    case "ptcp":
    case "pssl":
      throw unreadable(part, `${kind} is for the side that listens; write ${kind.slice(1)}`);
    default:
      throw unreadable(part, whyNotBegun(part));
  }
}

/** Paths and addresses alone are what other programs take. */
function whyNotBegun(part: string): string {
  if (part === "") return "it is empty";
  const why = "it must begin with unix:, tcp: or ssl:";
  if (/^\.{0,2}\//.test(part)) return `${why}; did you mean unix:${part}?`;
  return /^[\w.-]+:\d+$/.test(part) ? `${why}; did you mean tcp:${part}?` : why;
}

function parseAddress(part: string, text: string, defaultPort: number): { host: string; port: number } {
  // As in a URL: they were taken for a part of the name.
  if (text.startsWith("//"))
    throw unreadable(part, `no slashes belong there; did you mean ${part.replace("//", "")}?`);
  const [, bracketed, bare, port] = /^(?:\[([^[\]]*)\]|([^:[\]]*))(?::([^:]*))?$/.exec(text) ?? [];
  const host = bracketed ?? bare;
  if (host === undefined) throw unreadable(part, "an IPv6 address stands in brackets: tcp:[::1]:6641");
  if (host === "" || /\s/.test(host)) throw unreadable(part, "the host is missing");
  if (bracketed !== undefined && !/^[0-9a-f.]*:[0-9a-f:.]*(?:%.+)?$/i.test(bracketed)) {
    throw unreadable(part, "only an IPv6 address stands in brackets");
  }
  // A host of digits alone is a port whose host was forgotten.
  if (bare !== undefined && /^\d+$/.test(bare)) throw unreadable(part, "the host is missing");
  if (port === undefined) return { host, port: defaultPort };
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (!isPort(number)) throw unreadable(part, "the port is not a number from 1 to 65535");
  return { host, port: number };
}

function isPort(number: number): boolean {
  return Number.isInteger(number) && number >= 1 && number <= 65535;
}

function unreadable(part: string, why: string): EndpointError {
  return new EndpointError(part, `cannot read the server address ${JSON.stringify(part)}: ${why}`);
}
