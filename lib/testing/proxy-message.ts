import type { Json } from "../jsonrpc/index.ts";

/** Which way bytes go through a {@link FaultProxy}: from the client to the server, or back. */
export type Direction = "toServer" | "toClient";

/** A JSON-RPC message as a proxy sees it (RFC 7047 section 4). */
export type ProxyMessage = { readonly [member: string]: Json };
