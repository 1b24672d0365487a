// What commands that read load when it is needed: `import()` of the topology layer itself would load all of it, as the
// bundler cannot see which names of it are used.
export { listNetworks } from "../topology/index.ts";
