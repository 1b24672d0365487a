import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";

/** What the figures were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly load: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** Linux tells times in 1/100 s, whatever its own clock is (time(7), "The software clock"). */
const ticksPerSecond = 100;

export function describeMachine(): Machine {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model ?? "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: firstLine("uname", ["-sr"]),
    load: loadavg()[0] ?? 0,
    versions: {
      node: process.versions.node,
      "ovsdb-server": versionIn(firstLine("ovsdb-server", ["--version"])),
      "ovn-nbctl": versionIn(firstLine("ovn-nbctl", ["--version"])),
      "ovn-northbound": firstLine("git", ["describe", "--always", "--dirty"]),
    },
  };
}

function firstLine(program: string, args: readonly string[]): string {
  try {
    const path = `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/local/sbin`;
    const [line = ""] = execFileSync(program, args, {
      encoding: "utf8",
      stdio: "pipe",
      env: { ...process.env, PATH: path },
    }).split("\n");
    return line;
  } catch {
    return "not there";
  }
}

function versionIn(line: string): string {
  return /\d+(?:\.\d+)+/.exec(line)?.[0] ?? line;
}

/** How much of the machine others used, in cores, while something was measured. */
export interface Disturbance {
  readonly others: number;
  /** What the hypervisor gave to other machines. */
  readonly stolen: number;
}

/** Starts to watch the machine. The end tells what was used by neither us, nor our children, nor the processes named. */
export function watchMachine(ours: readonly number[]): () => Disturbance {
  const start = takeStock(ours);
  return () => {
    const end = takeStock(ours);
    const seconds = (end.at - start.at) / 1000;
    const own = end.own - start.own;
    return {
      // Ticks are counted where they happen to fall, so a little less than nothing is nothing.
      others: Math.max(0, (end.busy - start.busy - own) / seconds),
      stolen: (end.stolen - start.stolen) / seconds,
    };
  };
}

interface Stock {
  readonly at: number;
  readonly busy: number;
  readonly stolen: number;
  readonly own: number;
}

function takeStock(ours: readonly number[]): Stock {
  const [all = ""] = readFileSync("/proc/stat", "utf8").split("\n");
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = numbers(
    all.replace(/^cpu +/, ""),
  );
  const self = cpuOf("self");
  return {
    at: performance.now(),
    busy: (user + nice + system + irq + softirq) / ticksPerSecond,
    stolen: steal / ticksPerSecond,
    own: self.own + self.children + ours.reduce((sum, pid) => sum + cpuOf(pid).own, 0),
  };
}

/** Seconds of CPU that a process has used, and those of its children that have ended. */
export function cpuOf(pid: number | "self"): { readonly own: number; readonly children: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name of the program, in brackets, may hold blanks; utime is the 14th field (proc(5)).
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = numbers(
    stat.slice(stat.lastIndexOf(")") + 2),
  ).slice(11);
  return { own: (user + system) / ticksPerSecond, children: (childUser + childSystem) / ticksPerSecond };
}

function numbers(line: string): number[] {
  return line.trim().split(/ +/).map(Number);
}
