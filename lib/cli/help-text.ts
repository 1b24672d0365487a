import { DEBUG_VARIABLE, DEFAULT_REMOTE, REMOTE_VARIABLE } from "./options.ts";

// What stands below the options in help texts. Every example can be run as it is in this project's folder, against the
// databases that `npm run quickstart -- --keep` leaves running.

const EXIT_CODES = `Exit codes:
  0    done (diff: no differences)
  1    failed, and no transaction is half-written (diff: differences)
  2    diff only: failed
  130  interrupted (Ctrl-C)
  143  ended by SIGTERM`;

const ENVIRONMENT = `Environment:
  ${REMOTE_VARIABLE}               the database, where --db does not say it
  ${DEBUG_VARIABLE}=1  print the stack of an error`;

/** Help texts by command; the empty name is the program's own. */
export type HelpTexts = Readonly<Record<string, string>>;

/** Those of all commands. */
export const HELP: HelpTexts = {
  "": `
Manifests are Kubernetes objects as kubectl prints them: Nodes, Namespaces, NetworkAttachmentDefinitions and user-defined
networks, Pods, policies, Services and EndpointSlices. They become rows of an OVN northbound database, the way
OVN-Kubernetes writes them. Results go to standard output, messages to standard error.

Examples:
  $ ovn-northbound diff -f examples/article
  $ ovn-northbound apply -f examples/article --wait sb
  $ ovn-northbound show
  $ kubectl get nodes,pods,net-attach-def -A -o json | ovn-northbound --db tcp:10.0.0.1:6641 apply -f -

${EXIT_CODES}

${ENVIRONMENT}

The database is ${DEFAULT_REMOTE} unless --db or ${REMOTE_VARIABLE} says otherwise.
ovn-northbound COMMAND --help tells more about a command.`,

  apply: `
What is there is left alone or repaired; what the manifests lack stays unless --prune is given. All of it is one
transaction: it is done, or nothing is. Only above 4 MB it is split by network into several. Applied twice, the second
time does nothing. Rows, columns and keys of others are not touched.

Addresses come from the manifests (requests and the annotations k8s.ovn.org/pod-networks and node-subnets), else from
what the database shows, else they are the lowest that are free.

Examples:
  $ ovn-northbound apply -f examples/article --dry-run        what would change
  $ ovn-northbound apply -f examples/article --wait sb        do it, and wait for ovn-northd
  $ ovn-northbound apply -f examples/article --prune          also remove nodes, pods, policies, services that are gone
  $ ovn-northbound apply -f examples/article -o yaml          print the network-status of each pod
  $ ovn-northbound apply -f examples/zones --mode interconnect --zone node1    the database of one zone of several

With -o json or yaml: {changed, transactions, changes: [{action, table, name, uuid, network, parent, columns, reason}],
pods: [{namespace, name, node, networkStatus}], notes, kept, absent, skipped, confirmed}.

Exit codes: 0 done, 1 failed and nothing is half-written, 130 interrupted. When --wait does not end well, what was
committed is printed all the same.`,

  diff: `
Prints nothing when there is nothing to change. Reads, and writes nothing.

Examples:
  $ ovn-northbound diff -f examples/article
  $ ovn-northbound diff -f examples/article/*.yaml
  $ ovn-northbound diff -f examples/article --prune=networks
  $ ovn-northbound diff -f examples/article -o json

Exit codes: 0 no differences, 1 differences, 2 an error of any kind, 130 interrupted.`,

  delete: `
Removes the networks of NetworkAttachmentDefinitions, with all their ports, the ports of Pods, policies and services;
without manifests those that are named, pods with all their ports. What get -o name prints is understood.
Nodes of manifests are left alone; one that is named leaves all networks, or those of --network, with the ports of its
pods. What is not there is said and is no error. Where rows that are not ours hang on a switch, a router or a policy's
group that is to go, nothing is removed unless --force is given.

Examples:
  $ ovn-northbound delete -f examples/article/pods.yaml --dry-run
  $ ovn-northbound delete -f examples/article/pods.yaml
  $ ovn-northbound delete -f examples/article --wait sb
  $ ovn-northbound delete network l3-network l2-network
  $ ovn-northbound delete node work002 --dry-run
  $ ovn-northbound delete pod default/nginx1-lo
  $ ovn-northbound delete policy web db -n shop
  $ ovn-northbound get pods -n shop -o name | xargs ovn-northbound delete

Exit codes: 0 done, also when nothing was there; 1 failed and nothing was removed; 130 interrupted.`,

  show: `
Examples:
  $ ovn-northbound show
  $ ovn-northbound show l3-network l2-network
  $ ovn-northbound show -o json

Exit codes: 0 done, 1 failed or no such network, 130 interrupted.`,

  get: `
There are networks, nodes of layer3 networks, pods, policies, and services of primary networks; the words for one of
them, and net, no, po, netpol and svc, mean the same. With -o wide a table has more columns; with -o name a line is
RESOURCE/NAME, as get and delete take it.

With --watch rows are printed as they come and change, with -o json an object on each line. Standard error tells what is
gone, unless --output-watch-events does. A lost connection is made again. It ends when it is interrupted, or with 0 by
--timeout, which then has no default.

With -f the table holds what the manifests name, with what only they know: subnets of layer3 networks, interfaces of
pods. What they name and the database lacks is said on standard error. With pods, their networks and nodes must be among
the manifests, as for apply.

Examples:
  $ ovn-northbound get networks
  $ ovn-northbound get nodes -o json
  $ ovn-northbound get pod nginx1-l2 default/nginx1-l3
  $ ovn-northbound get networks,pods --no-headers
  $ ovn-northbound get pods --watch --timeout 5
  $ ovn-northbound get pods -f examples/article -o yaml       the network-status of each pod

Exit codes: 0 done, 1 failed or nothing has one of the names, 130 interrupted.`,

  graph: `
Mermaid is what Markdown shows on GitHub and elsewhere, DOT is for Graphviz, SVG for browsers. The same rows make the
same text, so a picture can be kept under version control. With -o json or yaml: {networks, boxes, links}.

Examples:
  $ ovn-northbound graph l3-network
  $ ovn-northbound graph -o svg > networks.svg
  $ ovn-northbound graph l3-network -o dot | dot -Tpng > l3-network.png
  $ ovn-northbound graph l3-network --nodes 2 --node work002 --pods all

Exit codes: 0 done, 1 failed, no such network or no such node, 130 interrupted.`,

  codegen: `
Writes one file per table and an index.ts. The model is what connect functions and typed tables are made from; the
library's own models are written by this command.

Examples:
  $ ovn-northbound codegen --db unix:/var/run/openvswitch/db.sock --database Open_vSwitch --out src/vswitch
  $ ovn-northbound codegen --schema my.ovsschema --out src/my-database

Exit codes: 0 done, 1 failed, 130 interrupted.`,

  shell: `
The cluster is one that npm run demo -- --keep, or FakeMultinode's detach in a program, left running. There is no
database to connect to, so the global options have no meaning here.

Examples:
  $ ovn-northbound shell nginx1-l3
  $ ovn-northbound shell work001 -- ovs-vsctl show

Exit codes: 0 done, 1 failed; else those of what was run.`,

  completion: `
Names are those of the database that the line means; one that does not answer within two seconds has none.

Examples:
  $ source <(ovn-northbound completion bash)                  in ~/.bashrc
  $ source <(ovn-northbound completion zsh)                   in ~/.zshrc, after compinit
  $ ovn-northbound completion fish | source                   in ~/.config/fish/config.fish`,
};
