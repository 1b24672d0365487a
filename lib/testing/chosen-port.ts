/** The ways to listen besides the unix socket. */
export type Listener = "tcp" | "tls";

/**
 * What asks for a port of the kernel's choice. A server says only "0:127.0.0.1: listening on port 4711" of it; by writing the
 * zero in two ways it says which one it means.
 */
export const anyPort = { tcp: "0", tls: "00" } as const;

/** The port that a server has got, as its log says; undefined until it does. */
export function chosenPort(log: string, listener: Listener): number | undefined {
  // Within one field of the line: the time of day in another one may hold "00:" as well.
  const told = new RegExp(`\\b${anyPort[listener]}:[^\\s|]+: listening on port (\\d+)`).exec(log);
  return told === null ? undefined : Number(told[1]);
}
