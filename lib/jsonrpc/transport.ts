import type { Endpoint } from "./endpoint.ts";

/** A connected stream of bytes: all that `Peer` asks of a socket, so that tests and fault injectors can stand in for one. */
export interface Transport {
  /**
   * Queues text, to be sent as UTF-8; what is queued in one turn of the event loop leaves in one write, or in several where it
   * is much. Does nothing after the end.
   */
  send(text: string): void;
  /** What is queued and not yet with the operating system, in bytes or characters. */
  readonly writableLength: number;
  /**
   * Calls back once, when all that is queued now is with the operating system; never after the end. Without this
   * member nobody waits for a slow receiver, and the queue may grow without bound.
   */
  onDrained?(call: () => void): void;
  /**
   * Stops delivery, to be gone on with by `resume`; what comes meanwhile is not lost. A transport may go on all the same.
   * Without these two members messages are dealt with as soon as they come.
   */
  pause?(): void;
  /** Goes on with delivery, after `pause`. */
  resume?(): void;
  /** Ends the connection at once, whatever the other side does; nothing is waited for. */
  close(): void;
  /** Begins delivery; to be called once. Nothing that came or happened before is lost. */
  start(handlers: TransportHandlers): void;
}

/** Ends a connection that is of no use any more. What transports of others then throw says no more than that, and must hold nobody up. */
export function closeTransport(transport: Transport): void {
  try {
    transport.close();
  } catch {
    // It has ended all the same, for us.
  }
}

/** Where a transport delivers. */
export interface TransportHandlers {
  /** The next bytes; they belong to the handler from now on. */
  onData(chunk: Uint8Array): void;
  /** Called exactly once, as the last thing: without an error if either side ended the connection in order. */
  onClose(error: Error | undefined): void;
}

/** Keys and certificates of an `ssl:` connection, as PEM: each as a file, read anew at every dial, or as contents. */
export interface TlsOptions {
  /** Path of the certificates of the authorities that may have signed the server's certificate. @default those that Node.js trusts */
  readonly caFile?: string | undefined;
  /** Path of our certificate; OVSDB servers ask for one. Given with its key, or not at all. */
  readonly certFile?: string | undefined;
  /** Path of the private key of our certificate. */
  readonly keyFile?: string | undefined;
  /** As `caFile`, but the contents; not beside it. */
  readonly ca?: string | Uint8Array | undefined;
  /** As `certFile`, but the contents; not beside it. */
  readonly cert?: string | Uint8Array | undefined;
  /** As `keyFile`, but the contents; not beside it. */
  readonly key?: string | Uint8Array | undefined;
  /**
   * Whether the server's certificate must be for the host name or address that was dialled.
   *
   * Off by default, as in the clients of Open vSwitch: certificates made by ovs-pki(8) carry one made-up name and no address,
   * so the check would refuse the usual deployment. The chain up to the authority is always checked, so with an authority that
   * signs for OVN alone nothing is lost; turn it on if yours signs for others too.
   * @default false
   */
  readonly verifyHostname?: boolean | undefined;
}

/** What a dial may use besides the address. */
export interface DialOptions {
  /** Gives the dial up; the promise then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Used for `ssl:` endpoints alone. */
  readonly tls?: TlsOptions;
}

/** Connects to an endpoint; rejects with EndpointError, TlsError, UsageError or the signal's reason. */
export type Dial = (endpoint: Endpoint, options: DialOptions) => Promise<Transport>;
