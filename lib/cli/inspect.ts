// A file of its own: who imports all of the topology layer when it is needed, would get all of it.
export { listNetworks } from "../topology/index.ts";
