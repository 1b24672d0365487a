/** Something that the user asked for cannot be done; the message says it all, on one line. */
export class CliError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "CliError";
  }
}
