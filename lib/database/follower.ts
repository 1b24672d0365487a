/** What became of a transaction whose reply was lost: it was committed, nothing was changed, or nobody knows. */
export type LostOutcome = "settled" | "failed" | "unknown";

/** Who describes a transaction, and is told more of it than the call of `transact` tells. */
export interface Follower {
  /**
   * Called when the server has committed it, before ovn-northd or the chassis are waited for. Where the option `wait` asks for
   * neither, the end of the call tells it.
   */
  readonly committed?: (() => void) | undefined;
  /**
   * Called when its reply was lost with the connection, before the call throws so. Who finds out by other means what became of
   * it says so to `tell`, once: before that neither the counters nor the log have heard of the call.
   */
  readonly lost?: ((tell: (outcome: LostOutcome) => void) => void) | undefined;
}
