/** Plain code unit order: the same on every machine. */
export function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
