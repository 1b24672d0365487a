import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { behindItsBack, ExampleController, portOf } from "../support/example-controller.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";

describeWithOvn("the example of a controller", function (this: Mocha.Suite) {
  const ovn = useSandbox({ northbound: true });

  it("applies what is dropped in, repairs what is changed, outlives the server, and stops when told", async () => {
    const { northbound } = ovn.sandbox;
    await using controller = new ExampleController(northbound.remote);
    controller.addPod("a");
    controller.start();
    await controller.isKept(northbound);

    controller.addPod("b");
    await controller.isKept(northbound);
    controller.removePod("a");
    await controller.isKept(northbound);

    const gone = (lines: readonly string[]): number =>
      lines.filter((line) => line.includes(`insert Logical_Switch_Port ${portOf("b")}`)).length;
    assert.equal(gone(controller.lines), 1);
    await behindItsBack(northbound, {
      op: "update",
      table: "Logical_Switch",
      where: [],
      row: { ports: ["set", []] },
    });
    await waitFor(() => gone(controller.lines) === 2);
    await controller.isKept(northbound);

    await northbound.kill();
    controller.addPod("c");
    await northbound.start();
    await controller.isKept(northbound);

    // Nonsense is reported, and what was wanted before is still kept.
    writeFileSync(join(controller.folder, "nonsense.yaml"), "kind: [");
    await waitFor(() =>
      controller.lines.some((line) => line.includes("error: ") && line.includes("nonsense")),
    );
    await behindItsBack(northbound, { op: "delete", table: "Logical_Switch", where: [] });
    await controller.isKept(northbound);

    assert.equal(await controller.end("SIGTERM"), 0);
    await waitFor(() => controller.lines.at(-1)?.endsWith(" stopped"));
  });

  it("goes on when an outage has lasted longer than an apply may", async () => {
    const { northbound } = ovn.sandbox;
    await using controller = new ExampleController(northbound.remote);
    controller.start(400);
    controller.addPod("before");
    await controller.isKept(northbound);
    northbound.pause();
    controller.addPod("meanwhile");
    await waitFor(() => controller.lines.some((line) => line.includes("error: ")));
    await northbound.kill();
    await northbound.start();
    await controller.isKept(northbound);
    assert.equal(await controller.end("SIGTERM"), 0);
  });

  it("starts before its database, and stops while it waits for it", async () => {
    const { northbound } = ovn.sandbox;
    await northbound.kill();
    await using controller = new ExampleController(northbound.remote);
    controller.addPod("early");
    controller.start();
    await waitFor(() => controller.lines.length > 0);
    await northbound.start();
    await controller.isKept(northbound);
    assert.equal(await controller.end("SIGINT"), 0);

    await northbound.kill();
    controller.start();
    const { length } = controller.lines;
    await waitFor(() => controller.lines.length > length);
    assert.equal(await controller.end("SIGINT"), 0);
    await northbound.start();
  });
});
