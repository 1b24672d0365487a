import type { Json, TlsOptions } from "../../lib/jsonrpc/index.ts";
import { dialSocket, Peer, parseEndpoints } from "../../lib/jsonrpc/index.ts";

const patience = 30_000;

/** A bare JSON-RPC connection to the first of some remotes, for tests of what lies below a session. */
export class DialledPeer implements Disposable {
  readonly peer: Peer;
  /** Methods of the notifications that came. */
  readonly notifications: string[] = [];

  private constructor(make: (onNotification: (method: string) => void) => Peer) {
    this.peer = make((method) => this.notifications.push(method));
  }

  static async dial(remote: string, tls?: TlsOptions): Promise<DialledPeer> {
    const [endpoint] = parseEndpoints(remote);
    if (endpoint === undefined) {
      throw new Error("no remote");
    }
    const signal = AbortSignal.timeout(patience);
    const transport = await dialSocket(endpoint, tls === undefined ? { signal } : { signal, tls });
    return new DialledPeer(
      (onNotification) => new Peer(transport, { onNotification, onClose: () => undefined }),
    );
  }

  /** Makes one call. Rejects when it is not answered in thirty seconds. */
  async call(method: string, params: readonly Json[]): Promise<Json> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${method} was not answered in ${patience} ms`)), patience);
    });
    return Promise.race([this.peer.call(method, params), late]).finally(() => clearTimeout(timer));
  }

  /** Inserts a Logical_Switch. */
  addSwitch(name: string): Promise<Json> {
    const insert = { op: "insert", table: "Logical_Switch", row: { name } };
    return this.call("transact", ["OVN_Northbound", insert]);
  }

  /** Names of all Logical_Switch rows, sorted. */
  async switches(): Promise<string[]> {
    const select = { op: "select", table: "Logical_Switch", where: [], columns: ["name"] };
    const [result] = (await this.call("transact", ["OVN_Northbound", select])) as unknown as [
      { readonly rows: readonly { readonly name: string }[] },
    ];
    return result.rows.map(({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    this.peer.close();
  }
}
