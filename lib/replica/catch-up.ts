/** Applies what the server has told and what was not applied yet. Costs next to nothing when there is nothing such. */
export type CatchUp = () => void;

/** For a replica to which everything is applied at once. */
export const nothingWaits: CatchUp = () => undefined;
