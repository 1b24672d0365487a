/**
 * Base of every error this library throws on purpose.
 *
 * `code` is stable across releases and is what programs should test; `retryable` says whether the same call may
 * succeed later without any change by the caller.
 */
export abstract class OvsdbError extends Error {
  abstract readonly code: string;
  readonly retryable: boolean = false;

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}
