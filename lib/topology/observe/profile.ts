import {
  clusterRouterName,
  joinSwitchName,
  layer2SwitchName,
  legacyPhysicalNetworkName,
  loadBalancerGroupNames,
  localnetPortName,
  localnetSwitchName,
  namePrefix,
  transitSwitchName,
} from "../naming/names.ts";
import type { Mode, Profile } from "../request/inputs.ts";

/** Rows of a network as plain data: what {@link recogniseNetwork} looks at. */
export interface NetworkRows {
  /** Logical_Switch rows whose `external_ids:k8s.ovn.org/network` or whose name is the network's. */
  readonly switches: readonly {
    readonly name: string;
    readonly externalIds: Readonly<Record<string, string>>;
    readonly otherConfig: Readonly<Record<string, string>>;
  }[];
  /** More of them, counted: switches of nodes that carry the network's own mark. Default: none. */
  readonly nodeSwitches?: {
    readonly count: number;
    /** How many of these carry a role. */
    readonly withRole: number;
  };
  /** Logical_Router rows, likewise. */
  readonly routers: readonly {
    readonly name: string;
    readonly externalIds: Readonly<Record<string, string>>;
  }[];
  /** Logical_Switch_Port rows; only the localnet port counts. */
  readonly ports: readonly { readonly name: string; readonly options: Readonly<Record<string, string>> }[];
  /** Names of Load_Balancer_Group rows. Absent when the server cannot have any. */
  readonly groups?: readonly string[];
}

/** What the rows of a network tell. */
export interface RecognisedNetwork {
  /** Whether the network has any switch or router. */
  readonly exists: boolean;
  /** Undefined when the rows do not tell, or contradict each other evenly. */
  readonly profile: Profile | undefined;
  /** Undefined when both modes write the same. */
  readonly mode: Mode | undefined;
  /** What spoke for which profile, for messages. */
  readonly evidence: readonly string[];
  /** A network of another name that has these rows because its name gives the same prefix. */
  readonly rival: string | undefined;
}

const marks: readonly string[] = [
  "k8s.ovn.org/network",
  "k8s.ovn.org/topology",
  "k8s.ovn.org/role",
  "k8s-ovn-topo-version",
];

/** The public `recogniseNetwork` without its checks. */
export function recogniseNetwork(network: string, rows: NetworkRows): RecognisedNetwork {
  const main = new Set([clusterRouterName(network), layer2SwitchName(network), localnetSwitchName(network)]);
  const mainRows = [...rows.routers, ...rows.switches].filter((row) => main.has(row.name));
  const prefix = namePrefix(network);
  const join = joinSwitchName(network);
  // The join switch of a primary network has no role, in no profile.
  const switches = rows.switches.filter(({ name }) => name.startsWith(prefix) && name !== join);
  const all = [...rows.switches, ...rows.routers];
  // A row of our name that carries no mark at all was made by hand, and tells of no profile.
  const { count, withRole } = rows.nodeSwitches ?? { count: 0, withRole: 0 };
  const isMarked = count > 0 || all.some((row) => marks.some((key) => row.externalIds[key] !== undefined));
  const marked = switches.filter((row) => row.externalIds["k8s.ovn.org/role"] !== undefined).length;
  const told = isMarked
    ? [
        ...versionVotes(mainRows),
        ...roleVotes(marked + withRole, switches.length + count),
        ...physicalNetworkVotes(network, rows),
      ]
    : [];
  // That there are no groups says nothing when nothing else does.
  const votes = told.length === 0 ? [] : [...told, ...groupVotes(network, rows)];
  const old = votes.filter((vote) => vote.profile === "ovn-kubernetes-2023").length;
  const today = votes.length - old;
  return {
    exists: all.length + count > 0,
    profile: old === today ? undefined : old > today ? "ovn-kubernetes-2023" : "ovn-kubernetes",
    mode: recogniseMode(network, rows, old > today),
    evidence: votes.map((vote) => `${vote.profile}: ${vote.reason}`),
    rival: all
      .filter((row) => row.name.startsWith(prefix))
      .map((row) => row.externalIds["k8s.ovn.org/network"])
      .find((name) => name !== undefined && name !== network && namePrefix(name) === prefix),
  };
}

interface Vote {
  readonly profile: Profile;
  readonly reason: string;
}

type MarkedRow = { readonly name: string; readonly externalIds: Readonly<Record<string, string>> };

function versionVotes(mainRows: readonly MarkedRow[]): Vote[] {
  const [row] = mainRows;
  if (!row) {
    return [];
  }
  return row.externalIds["k8s-ovn-topo-version"] === undefined
    ? [{ profile: "ovn-kubernetes", reason: `${row.name} has no external id k8s-ovn-topo-version` }]
    : [{ profile: "ovn-kubernetes-2023", reason: `${row.name} has the external id k8s-ovn-topo-version` }];
}

/** One vote however many switches a network has, or a lost key on the router would count for more than one on a switch. */
function roleVotes(marked: number, switches: number): Vote[] {
  if (switches === 0 || marked * 2 === switches) {
    return [];
  }
  const reason = `${marked} of ${switches} switches have the external id k8s.ovn.org/role`;
  return [{ profile: marked * 2 > switches ? "ovn-kubernetes" : "ovn-kubernetes-2023", reason }];
}

function groupVotes(network: string, rows: NetworkRows): Vote[] {
  const { groups } = rows;
  const isLocalnet = rows.switches.some((row) => row.name === localnetSwitchName(network));
  const size = rows.switches.length + rows.routers.length + (rows.nodeSwitches?.count ?? 0);
  if (groups === undefined || isLocalnet || size === 0) {
    return [];
  }
  const names = loadBalancerGroupNames(network);
  const found = [names.cluster, names.switches, names.routers].some((name) => groups.includes(name));
  return found
    ? [{ profile: "ovn-kubernetes", reason: "it has load balancer groups" }]
    : [{ profile: "ovn-kubernetes-2023", reason: "it has no load balancer groups" }];
}

function physicalNetworkVotes(network: string, rows: NetworkRows): Vote[] {
  const port = rows.ports.find((row) => row.name === localnetPortName(network));
  const name = port?.options["network_name"];
  if (name === legacyPhysicalNetworkName(network)) {
    return [{ profile: "ovn-kubernetes-2023", reason: `its network_name is ${name}` }];
  }
  // Any other name may have been asked for by physicalNetworkName and says nothing.
  return name === network ? [{ profile: "ovn-kubernetes", reason: `its network_name is ${name}` }] : [];
}

function recogniseMode(network: string, rows: NetworkRows, old: boolean): Mode | undefined {
  const [transit, common] = [transitSwitchName(network), layer2SwitchName(network)];
  if (rows.switches.some(({ name }) => name === transit)) {
    return "interconnect";
  }
  const layer2 = rows.switches.find(({ name }) => name === common);
  if (layer2) {
    const zoneMarks = ["interconn-ts", "requested-tnl-key", "mcast_flood_unregistered"];
    const found = zoneMarks.filter((key) => layer2.otherConfig[key] !== undefined).length;
    // In 2023 a layer2 network could not span zones, so there is nothing to be in doubt about.
    return found >= 2 && !old ? "interconnect" : "central";
  }
  const router = clusterRouterName(network);
  return rows.routers.some(({ name }) => name === router) ? "central" : undefined;
}
