/** The words of a topology error without the field and the value, which a ManifestError puts in itself. */
export function reasonOf(message: string, path: string, value: unknown): string {
  const start = message.startsWith(`${path} `) ? path.length + 1 : 0;
  const shown = `: ${typeof value === "number" ? value : JSON.stringify(value)}`;
  return message.slice(start, message.endsWith(shown) ? -shown.length : undefined);
}
