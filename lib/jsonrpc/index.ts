/**
 * Bytes and messages: one JSON-RPC 1.0 connection to an OVSDB server, without any knowledge of what is said over it.
 *
 * `dialSocket` connects to an `Endpoint` and gives a `Transport`; a `Peer` on top of that makes calls. In between, `Framer`
 * finds the messages in the bytes and `message.ts` reads and writes them. The layer right of this one is `ovsdb`.
 */
export { type Endpoint, formatEndpoint, parseEndpoints } from "./endpoint.ts";
export {
  ClosedError,
  ConnectionLostError,
  EndpointError,
  OvsdbError,
  ProtocolError,
  RpcError,
  TimeoutError,
  TlsError,
  type TlsFailure,
  UsageError,
} from "./errors.ts";
export { parseJson, stringifyJson } from "./exact-json.ts";
export { FrameText, type Notification } from "./frame-text.ts";
export { Framer, type FramerLimits } from "./framer.ts";
export type { Json } from "./json.ts";
export { JsonText, type MemberTexts, memberOfText, PlainMember, parseText, TextBlock } from "./json-text.ts";
export {
  checkBooleans,
  checkFunctions,
  checkObject,
  checkOptions,
  type KnownKeys,
  meantKey,
  meantWord,
  notKnown,
  unknownKey,
} from "./known-keys.ts";
export type { CutOut } from "./member-cutter.ts";
export { writeJson } from "./message.ts";
export { type OpenCall, Peer, type Traffic } from "./peer.ts";
export { orWhyNot, showAs } from "./show-as.ts";
export { hint, similar } from "./similar.ts";
export { dialSocket, unusablePem } from "./socket.ts";
export { readBytes, readToEnd } from "./socket-file.ts";
export {
  closeTransport,
  type Dial,
  type DialOptions,
  type TlsOptions,
  type Transport,
  type TransportHandlers,
} from "./transport.ts";
