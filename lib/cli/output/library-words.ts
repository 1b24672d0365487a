/** What the library says of its options, in those of the command line. */
export function inOurWords(message: string): string {
  return message.replaceAll("say leaderOnly: false to use it", "--no-leader-only uses it");
}
