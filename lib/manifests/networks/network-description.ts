import type { NetworkInput, TopologyName } from "../../topology/index.ts";
import type { ManifestPosition } from "../objects/errors.ts";

/** What a manifest says about a network: fields checked one by one, not yet against each other. */
export interface NetworkDescription {
  readonly topology: TopologyName;
  readonly input: NetworkInput;
  /** How messages call the object: its `namespace/name`, or its name when it is in no namespace. */
  readonly label: string;
  /** Where the configuration as a whole stands. */
  readonly source: ManifestPosition;
  /** Where a field of `input` stands; with the value at fault, the entry of a list that has it. */
  position(field: string, value?: unknown): ManifestPosition;
  /** What stands there. */
  written(field: string): unknown;
}
