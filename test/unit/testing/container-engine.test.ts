import assert from "node:assert/strict";
import { ContainerEngine, limits, runWords } from "../../../lib/testing/multinode/container-engine.ts";

describe("ContainerEngine", () => {
  it("starts privileged containers without network, from an image that is there", () => {
    const spec = {
      name: "c-node1",
      hostname: "node1",
      mounts: ["/tmp/c", "/opt/tools"],
      command: ["/bin/sh", "-c", "wait"],
    };
    assert.deepEqual(runWords("localhost/x:1", spec, ["nofile=10:10"]), [
      "--rm",
      "--privileged",
      "--network=none",
      "--pull=never",
      "--name=c-node1",
      "--hostname=node1",
      "--ulimit=nofile=10:10",
      "--volume=/tmp/c:/tmp/c",
      "--volume=/opt/tools:/opt/tools",
      "localhost/x:1",
      "/bin/sh",
      "-c",
      "wait",
    ]);
  });

  it("removes containers at once, and does not mind those that are gone", () => {
    const names = ["a", "b"];
    assert.deepEqual(new ContainerEngine("podman", "x").removeCommand(names), [
      ...["podman", "rm", "--force", "--volumes", "--ignore", "--time=0", "a", "b"],
    ]);
    assert.deepEqual(new ContainerEngine("docker", "x").removeCommand(names), [
      ...["docker", "rm", "--force", "--volumes", "a", "b"],
    ]);
  });

  it("asks for no higher limits than its own process has, and for none beyond need", () => {
    const text = [
      "Limit                     Soft Limit           Hard Limit           Units     ",
      "Max processes             5000                 9000                 processes ",
      "Max open files            1024                 1048576              files     ",
    ].join("\n");
    assert.deepEqual(limits(text), ["nofile=16384:16384", "nproc=9000:9000"]);
    assert.deepEqual(
      limits("Max open files            unlimited            unlimited            files     "),
      ["nofile=16384:16384", "nproc=16384:16384"],
    );
  });
});
