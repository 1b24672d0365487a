import type { Io } from "../io.ts";
import { formatData, formatJson } from "./format.ts";
import type { Listing, ListingOptions, Look } from "./listing.ts";
import { elementsOf, nameOf } from "./listing-data.ts";
import { columnsOf } from "./listing-text.ts";
import { tell } from "./messages.ts";
import { type Cells, Table } from "./table.ts";
import { type Difference, type Tellable, Told } from "./told.ts";

/** How changes are printed. */
export interface WatchOutputOptions extends ListingOptions {
  /** Say of each what became of it, as kubectl does: as the first column, or around the object. */
  readonly outputWatchEvents?: true;
}

/** From the first line on, so that the columns after it stay where they are. */
const WIDEST_EVENT: number = "MODIFIED".length;

/** What programs are told of one thing. */
type Document = ReturnType<typeof elementsOf>[number];

/** Prints what of a list came, changed and went since the last one, in the format of the list. */
export class WatchOutput {
  readonly #options: WatchOutputOptions;
  readonly #io: Io;
  readonly #rows = new Told<Cells>();
  readonly #documents = new Told<Document>();
  readonly #table = new Table();
  #isHeaded: boolean;

  constructor(options: WatchOutputOptions, io: Io) {
    this.#options = options;
    this.#io = io;
    this.#isHeaded = !options.headers;
  }

  /** Prints the difference to the look before; before the first there was nothing. */
  async write({ now, before }: Look): Promise<void> {
    const { output } = this.#options;
    const lines =
      output === "text" || output === "wide"
        ? this.#tableLines(now, before, output)
        : await this.#documentLines(now, before, output);
    if (lines.length > 0) this.#io.out(lines.map((line) => `${line}\n`).join(""));
  }

  #tableLines(listing: Listing, before: Listing | undefined, output: "text" | "wide"): readonly string[] {
    const shown = this.#shown(
      this.#rows.differences(rowsOf(listing, output), before && rowsOf(before, output)),
    );
    if (shown.length === 0) return [];
    const withEvents = this.#options.outputWatchEvents;
    const cells = shown.map(({ event, item }) => (withEvents ? [event.padEnd(WIDEST_EVENT), ...item] : item));
    const isFirst = !this.#isHeaded;
    this.#isHeaded = true;
    const { headings } = columnsOf(listing, output);
    return this.#table.lines(isFirst ? [withEvents ? ["EVENT", ...headings] : headings, ...cells] : cells);
  }

  async #documentLines(
    listing: Listing,
    before: Listing | undefined,
    output: "name" | "json" | "yaml",
  ): Promise<readonly string[]> {
    const shown = this.#shown(
      this.#documents.differences(documentsOf(listing), before && documentsOf(before)),
    );
    return Promise.all(
      shown.map(async ({ event, item }) => {
        const withEvents = this.#options.outputWatchEvents;
        if (output === "name") return withEvents ? `${event} ${nameOf(item)}` : nameOf(item);
        const data = withEvents ? { type: event, object: item.element } : item.element;
        return output === "json" ? formatJson(data) : `---\n${(await formatData(data, output)).trimEnd()}`;
      }),
    );
  }

  /** Without words for it, what is gone would look as if it had come. */
  #shown<T>(differences: readonly Difference<T>[]): readonly Difference<T>[] {
    if (this.#options.outputWatchEvents) return differences;
    for (const { event, subject } of differences) if (event === "DELETED") tell(this.#io, `gone: ${subject}`);
    return differences.filter(({ event }) => event !== "DELETED");
  }
}

function rowsOf(listing: Listing, output: "text" | "wide"): readonly Tellable<Cells>[] {
  return columnsOf(listing, output).rows.map((item, index) => ({
    subject: listing.subjects[index] ?? "",
    item,
  }));
}

function documentsOf(listing: Listing): readonly Tellable<Document>[] {
  return elementsOf(listing).map((item) => {
    const { network } = item.element;
    const where = network === undefined ? "" : ` on network "${network}"`;
    return { subject: `${nameOf(item)}${where}`, item };
  });
}
