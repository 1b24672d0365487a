/** What those calls of a crowd were given that were not refused. */
export function given<T>(results: readonly PromiseSettledResult<T>[]): T[] {
  return results.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
}

/** Why the others were. */
export function errors(results: readonly PromiseSettledResult<unknown>[]): unknown[] {
  return results.flatMap((each) => (each.status === "rejected" ? [each.reason as unknown] : []));
}
