import type { Sandbox } from "ovn-northbound/testing";
import type { Bench } from "./bench.ts";
import { fillSwitches } from "./requests.ts";
import { expectRows } from "./server.ts";
import { replay } from "./write-ports.ts";

/** A server with so many ports, 100 on each switch: what W3, W9 and the curves read. */
export function largeDatabase(bench: Bench, ports: number): Promise<Sandbox> {
  const switches = Math.ceil(ports / 100);
  return bench.shared(`${ports} ports`, async (remote) => {
    bench.say(`filling a database with ${ports} ports`);
    await replay(bench, remote, "large", fillSwitches(switches, ports / switches));
    await expectRows(remote, "Logical_Switch_Port", ports);
  });
}
