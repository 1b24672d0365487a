/**
 * `iface-id-ver` of a pod's port: ovn-controller binds no interface that has another one, or none. So a port that is there
 * without one gets none, as upstream has it (go-controller/pkg/ovn/base_network_controller_pods.go): the interface that is bound
 * to it may have none either. Nobody is kept from a port without one.
 *
 * @param uid The pod's. Whoever does not know it, or gives an empty one, cannot know that the port's is wrong.
 * @param options Those of the port that is there; undefined when there is none, or nothing is known of them.
 * @param isNew The port is inserted, also in the place of one that is there.
 */
export function interfaceVersion(
  uid: string | undefined,
  options: Readonly<Record<string, string>> | undefined,
  isNew: boolean,
): Readonly<Record<string, string>> {
  const present = options?.["iface-id-ver"];
  const version = uid || present;
  const isBound = !isNew && options !== undefined && !present;
  return version === undefined || isBound ? {} : { "iface-id-ver": version };
}
