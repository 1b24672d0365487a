/** Keys of any CNI network configuration, and of one in a list (CNI specification 1.1, section 1, and its conventions). */
const ANY_PLUGIN: readonly string[] = [
  "cniVersion",
  "cniVersions",
  "name",
  "type",
  "args",
  "capabilities",
  "dns",
  "ipam",
  "ipMasq",
  "prevResult",
  "runtimeConfig",
  "disableCheck",
  "disableGC",
  "cni.dev/attachments",
  "cni.dev/valid-attachments",
];

/** Keys that OVN-Kubernetes' own plugin takes from its configuration, without effect on the rows of secondary networks. */
const OUR_PLUGIN: readonly string[] = [
  "deviceID",
  "logFile",
  "logLevel",
  "logfile-maxage",
  "logfile-maxbackups",
  "logfile-maxsize",
];

/** Keys of a plugin's configuration that say nothing about rows. */
export const PLUGIN_KEYS: readonly string[] = [...ANY_PLUGIN, ...OUR_PLUGIN];

/** Keys that stand beside `plugins` in a list of configurations (CNI specification 1.1, section 1). */
export const LIST_KEYS: readonly string[] = [
  "cniVersion",
  "cniVersions",
  "name",
  "plugins",
  "disableCheck",
  "disableGC",
  "loadOnlyInlinedPlugins",
];

/**
 * Keys of an element of the networks annotation that Multus knows and that say nothing about rows (multi-net-spec,
 * section 4.1.2, and Multus' NetworkSelectionElement).
 */
export const SELECTION_KEYS: readonly string[] = [
  "bandwidth",
  "cni-args",
  "default-route",
  "deviceID",
  "infiniband-guid",
  "portMappings",
];
