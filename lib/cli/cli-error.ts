/** Something that the user asked for cannot be done; the message says it all, on one line. */
export class CliError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "CliError";
  }
}

/** Several of them at once; never empty. */
export class CliErrors extends Error {
  readonly errors: readonly CliError[];

  constructor(errors: readonly CliError[]) {
    super(errors.map(({ message }) => message).join("\n"));
    this.name = "CliErrors";
    this.errors = errors;
  }
}
