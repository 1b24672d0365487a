import { type Endpoint, EndpointError, formatEndpoint, parseEndpoints } from "../jsonrpc/index.ts";

/** Ports of databases that have one of their own (ovn-nbctl(1), ovn-sbctl(1)). */
const PORTS: ReadonlyMap<string, number> = new Map([
  ["OVN_Northbound", 6641],
  ["OVN_Southbound", 6642],
]);

/** OVSDB's (ovsdb(7)), and so that of Open_vSwitch. */
const OVSDB_PORT = 6640;

/** The servers that a session may use, and which of them comes next. */
export class Remotes {
  readonly #shuffle: boolean;
  /** For remotes without one. */
  readonly #port: number;
  #list: readonly Endpoint[];
  /** Position of the one that the next pass begins with; behind the last one is before the first. */
  #first = 0;

  /** Throws `EndpointError` naming the part that is not understood. */
  constructor(remotes: string | readonly string[], shuffle: boolean, database: string) {
    this.#shuffle = shuffle;
    this.#port = PORTS.get(database) ?? OVSDB_PORT;
    this.#list = this.#read(remotes);
  }

  /** A new array for each new list. */
  get list(): readonly Endpoint[] {
    return this.#list;
  }

  /** Takes another list. Throws as the constructor does, and keeps the present one then. */
  replace(remotes: string | readonly string[]): void {
    this.#list = this.#read(remotes);
    this.#first = 0;
  }

  has(endpoint: Endpoint): boolean {
    return this.#positionOf(endpoint) >= 0;
  }

  /** All of them, in the order in which they are to be tried. */
  pass(): Endpoint[] {
    return [...this.#list.slice(this.#first), ...this.#list.slice(0, this.#first)];
  }

  /** The next pass begins with the one after this: it was left, so it comes last. */
  leave(endpoint: Endpoint): void {
    this.#first = this.#positionOf(endpoint) + 1;
  }

  #positionOf(endpoint: Endpoint): number {
    const text = formatEndpoint(endpoint);
    return this.#list.findIndex((one) => formatEndpoint(one) === text);
  }

  /** The order is drawn once for each list, so that the clients of a cluster spread over its members. */
  #read(remotes: string | readonly string[]): readonly Endpoint[] {
    const list = parseEndpoints(asText(remotes), this.#port);
    if (!this.#shuffle) return list;
    for (let left = list.length - 1; left > 0; left -= 1) {
      const drawn = Math.floor(Math.random() * (left + 1));
      list.push(...list.splice(drawn, 1));
    }
    return list;
  }
}

/** A variable of the environment that is not set is `undefined`, whatever the type checker was told. */
function asText(remotes: unknown): string {
  if (typeof remotes === "string") return remotes;
  if (Array.isArray(remotes) && remotes.length > 0 && remotes.every((remote) => typeof remote === "string"))
    return remotes.join(",");
  const what = Array.isArray(remotes) ? `[${remotes.map(String).join(", ")}]` : String(remotes);
  throw new EndpointError(
    what,
    `cannot read the server addresses ${what}: give text such as "tcp:10.0.0.1:6641", or a list of such texts`,
  );
}
