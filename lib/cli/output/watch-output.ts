import type { Io } from "../io.ts";
import { formatData, formatJson } from "./format.ts";
import type { Listing, ListingOptions } from "./listing.ts";
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

  /** Prints the difference to the list before; at first that was empty. */
  async write(listing: Listing): Promise<void> {
    const { output } = this.#options;
    const lines =
      output === "text" || output === "wide"
        ? this.#tableLines(listing, output)
        : await this.#documentLines(listing, output);
    if (lines.length > 0) this.#io.out(lines.map((line) => `${line}\n`).join(""));
  }

  #tableLines(listing: Listing, output: "text" | "wide"): readonly string[] {
    const { headings, rows } = columnsOf(listing, output);
    const shown = this.#shown(
      this.#rows.differences(rows.map((item, index) => ({ subject: listing.subjects[index] ?? "", item }))),
    );
    if (shown.length === 0) return [];
    const withEvents = this.#options.outputWatchEvents;
    const cells = shown.map(({ event, item }) => (withEvents ? [event.padEnd(WIDEST_EVENT), ...item] : item));
    const isFirst = !this.#isHeaded;
    this.#isHeaded = true;
    return this.#table.lines(isFirst ? [withEvents ? ["EVENT", ...headings] : headings, ...cells] : cells);
  }

  async #documentLines(listing: Listing, output: "name" | "json" | "yaml"): Promise<readonly string[]> {
    const shown = this.#shown(this.#documents.differences(elementsOf(listing).map(tellable)));
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

function tellable(item: Document): Tellable<Document> {
  const { network } = item.element;
  const where = network === undefined ? "" : ` on network "${network}"`;
  return { subject: `${nameOf(item)}${where}`, item };
}
