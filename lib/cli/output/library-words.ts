/** What the library says of its options and of what it was asked for, in the words of the command line. */
const WORDS: readonly (readonly [library: string, command: string])[] = [
  ["say leaderOnly: false to use it", "--no-leader-only uses it"],
  ["the option merge makes", "--merge makes"],
  ["the option pruneNetworks removes", "--prune=networks removes"],
  ["the option prune removes", "--prune removes"],
  ["the option gatewayMode sets it", "--gateway-mode sets it"],
  ["removeNode takes one out", "delete node NAME takes one out"],
  ["in the request", "among the manifests"],
  ["key is not the key of cert", "--private-key is not the key of --certificate"],
  ["TLS needs both a certificate and its key, or neither", "--certificate and --private-key go together"],
];

/** A message of the library for those who use the command line. */
export function inOurWords(message: string): string {
  return WORDS.reduce((text, [library, command]) => text.replaceAll(library, command), message);
}
