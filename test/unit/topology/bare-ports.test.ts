import assert from "node:assert/strict";
import { build, pod, port, refusesAddress, rowOf } from "./support.ts";

describe("networks without subnets", () => {
  const name = "default.net_default_a";
  const made = build("localnet", {}, [pod("a")]).attachments[0]?.addresses ?? "";

  it("give a MAC made from the port's name", () => {
    assert.match(made, /^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/);
    assert.notEqual(build("localnet", {}, [pod("b")]).attachments[0]?.addresses, made);
  });

  it("keep the MAC that a port has", () => {
    const kept = (change: object): string | undefined =>
      build("localnet", {}, [pod("a")], {
        observed: {
          ports: [port(name, "02:00:00:00:00:01", { switchName: "net_ovn_localnet_switch", ...change })],
        },
      }).attachments[0]?.addresses;
    assert.equal(kept({}), "02:00:00:00:00:01");
    assert.equal(kept({ addresses: ["unknown"] }), "02:00:00:00:00:01");
    assert.equal(kept({ addresses: [made] }), made);
    assert.equal(kept({ portSecurity: [made] }), made);
  });

  it("take requested addresses as they are", () => {
    const built = build("localnet", {}, [
      pod("a", { ips: ["192.0.2.255/24", "FD00::0"] }),
      pod("b", { mac: "02:00:00:00:00:0B", ips: ["192.0.2.255"] }),
    ]);
    assert.deepEqual(
      built.attachments.map((each) => [each.addresses, each.ips, each.exclusive]),
      [
        ["0a:58:c0:00:02:ff 192.0.2.255 fd00::", ["192.0.2.255/24", "fd00::/128"], false],
        ["02:00:00:00:00:0b 192.0.2.255", ["192.0.2.255/32"], false],
      ],
    );
    const row = rowOf(built, name);
    assert.deepEqual(
      [row.uuid, row.columns?.["port_security"]],
      [undefined, ["0a:58:c0:00:02:ff 192.0.2.255 fd00::"]],
    );
    refusesAddress(() => build("localnet", {}, [pod("a", { ips: ["x"] })]), {
      path: "pods[default/a].ips",
      value: "x",
    });
  });
});
