import { listsOf } from "../commands/lists.ts";
import { readNorthbound } from "../connection.ts";
import type { Io } from "../io.ts";
import type { ConnectionOptions } from "../options.ts";
import type { Element } from "../output/listing.ts";
import type { Resource } from "../resources.ts";

/** What there is of one kind in the database. */
export async function namesIn(
  resource: Resource,
  options: ConnectionOptions,
  io: Io,
): Promise<readonly Element[]> {
  const lists = listsOf([{ resource, names: [] }], undefined);
  const listings = await readNorthbound(options, io, lists.tables, lists.load);
  return listings.flatMap(({ data }) => Object.values(data).flat());
}
