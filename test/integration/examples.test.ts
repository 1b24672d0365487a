import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describeWithOvn, projectRoot, useSandbox } from "../support/index.ts";

const run = promisify(execFile);

/** A line that each example must print: what it is there to show. */
const shows: Readonly<Record<string, RegExp>> = {
  "01-read-and-watch": /^insert example-sw0\nread back: example-sw0$/m,
  "02-transactions":
    /^visits: 3\nERR_VALIDATION: ACL\.priority.*\nERR_CONSTRAINT: the name "example-web" is taken$/m,
  "03-networks":
    /^web 10\.128\.0\.3\/24 0a:58:0a:80:00:03\ndb 10\.128\.1\.50\/24 .*\nagain: 0 changes\nworker3 10\.128\.2\.0\/24\nswitches left: 0$/m,
  "04-own-topology":
    /^\+ Logical_Switch example-rack[\s\S]*^\+ Logical_Switch_Port example-server3 in Logical_Switch example-rack/m,
  "05-test-kit": /^1 datapath, with flows$/m,
  "06-virtual-machines":
    /^told by DHCP: 10\.100\.200\.0\/24 mtu 1300 router 10\.100\.200\.1\n[\s\S]*^done: \S+-b enabled=true \S+ 10\.100\.200\.20\noptions left: 0$/m,
  "07-every-network":
    /^transactions: 1\nshop\.example\.vlan_shop_scanner \S+ 192\.168\.20\.16\n\S+_db \S+ 10\.130\.0\.3\n\S+_vault \S+ 10\.140\.9\.7\n[\s\S]*"10\.96\.0\.10:80":"10\.130\.0\.\d:8080"[\s\S]*^switches left: 0$/m,
  "08-own-controller": /^repaired: 2 ports\nchanged: true, again: false\nleft: example-db1$/m,
};

describeWithOvn("the examples run as they are", () => {
  const ovn = useSandbox({ northbound: true });

  it("all of them are tested here", () => {
    const files = readdirSync(join(projectRoot, "examples")).filter((file) => file.endsWith(".ts"));
    assert.deepEqual(
      files.map((file) => file.replace(/\.ts$/, "")),
      // It runs for ever and has a test of its own.
      [...Object.keys(shows), "controller"],
    );
  });

  for (const [name, shown] of Object.entries(shows)) {
    it(`${name}, twice, leaving no switch and no port`, async () => {
      for (let round = 0; round < 2; round += 1) {
        // The compiled tests of `npm test` lie beside the compiled examples.
        const { stdout } = await run(process.execPath, [join(projectRoot, "build/examples", `${name}.js`)], {
          env: { ...process.env, OVN_NB_DB: ovn.sandbox.northbound.remote },
          timeout: 80_000,
        });
        assert.match(stdout, shown);
        assert.equal(await ovn.sandbox.run("ovn-nbctl", ["show"]), "");
      }
    });
  }
});
