import { OutcomeUnknownError, startTimer } from "../../session/index.ts";
import { Company, MAX_CALLS } from "./company.ts";
import type { JointCall } from "./joint-call.ts";

/** A call, and what its caller waits for. */
interface Mate<Call, Outcome> {
  readonly call: Call;
  readonly resolve: (outcome: Outcome | PromiseLike<Outcome>) => void;
  readonly reject: (error: unknown) => void;
}

/** Calls that go together; the first one leads. */
type Crowd<Call, Outcome> = readonly [Mate<Call, Outcome>, ...Mate<Call, Outcome>[]];

/** A crowd to which others may come. */
interface OpenCrowd<Call extends JointCall<Outcome>, Outcome> {
  readonly leader: Mate<Call, Outcome>;
  readonly guests: Company<Mate<Call, Outcome>, Call>;
}

/**
 * Lets calls of one kind that are begun in one turn of the event loop go together in one transaction, where they may. That saves
 * plans, each of which looks at the network anew, and transactions; nobody waits for anything but the end of the turn.
 */
export class TurnMates<Call extends JointCall<Outcome>, Outcome> {
  /** Of this turn. */
  #crowds: OpenCrowd<Call, Outcome>[] = [];
  /** The last of them by handle and network. */
  #open: Map<object, Map<object, OpenCrowd<Call, Outcome>>> = new Map();

  /** Does what a call asks for. Throws as it does by itself. */
  async take(call: Call): Promise<Outcome> {
    try {
      return await (call.mayBeTogether ? this.#join(call) : call.alone());
    } finally {
      call.release();
    }
  }

  #join(call: Call): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const mate = { call, resolve, reject };
      const open = this.#open.get(call.nb) ?? new Map<object, OpenCrowd<Call, Outcome>>();
      this.#open.set(call.nb, open);
      const last = open.get(call.spec);
      // So their times end together, whoever of them leads.
      if (last?.leader.call.deadline.timeout === call.deadline.timeout && last.guests.admit(mate)) return;
      if (this.#crowds.length === 0) setImmediate(() => this.#goAll());
      // Whoever comes next is more likely to be like this one than like those before.
      const crowd = { leader: mate, guests: new Company<Mate<Call, Outcome>, Call>(call) };
      this.#crowds.push(crowd);
      open.set(call.spec, crowd);
    });
  }

  #goAll(): void {
    const crowds = this.#crowds;
    this.#crowds = [];
    this.#open = new Map();
    for (const { leader, guests } of crowds)
      for (const crowd of parted([leader, ...guests.members])) void goOn(crowd);
  }
}

/** Parts of a crowd that are not too large, those on one place next to each other; there they keep their order. */
function* parted<M extends { readonly call: { readonly place: string } }>(
  crowd: readonly M[],
): Generator<readonly M[]> {
  const places = new Map<string, M[]>();
  for (const mate of crowd) {
    const there = places.get(mate.call.place);
    if (there === undefined) places.set(mate.call.place, [mate]);
    else there.push(mate);
  }
  const sorted = [...places.values()].flat();
  for (let at = 0; at < sorted.length; at += MAX_CALLS) yield sorted.slice(at, at + MAX_CALLS);
}

/** Lets calls go together; where that is refused, one half of them after the other, so that it sees what the first have done. */
async function go<Call extends JointCall<Outcome>, Outcome>(crowd: Crowd<Call, Outcome>): Promise<void> {
  const [leader, ...guests] = crowd;
  if (guests.length === 0) {
    const outcome = leader.call.alone();
    leader.resolve(outcome);
    await outcome.catch(() => undefined);
    return;
  }
  let kept: readonly Mate<Call, Outcome>[] = guests;
  try {
    const calls = guests.map(({ call }) => call);
    const [own, ...others] = await leader.call.together(calls, (leftOut) => {
      const left = kept.filter(({ call }) => leftOut.has(call));
      kept = kept.filter(({ call }) => !leftOut.has(call));
      void goOn(left);
    });
    leader.resolve(own);
    for (const [index, outcome] of others.entries()) kept[index]?.resolve(outcome);
  } catch (error) {
    if (error instanceof OutcomeUnknownError) for (const { call } of kept) call.doubt(error);
    if (leader.call.isInterrupted(error)) {
      leader.reject(error);
      // Each has its own time.
      for (const { call, resolve } of kept) resolve(call.alone());
      return;
    }
    leader.call.release();
    // What is wrong with one of them is nothing to the others.
    const all = [leader, ...kept];
    const half = all.length >> 1;
    const second = all.slice(half);
    await inTimeFor(second, goOn(all.slice(0, half)));
    await goOn(second);
  }
}

/** Who has the least time leads: nobody is still under way when its own time is over. */
async function goOn<Call extends JointCall<Outcome>, Outcome>(
  mates: readonly Mate<Call, Outcome>[],
): Promise<void> {
  const [first, ...others] = mates;
  if (first === undefined) return;
  let leader = first;
  // Those of one turn came in this order, the ones apart that had waited for an earlier call.
  for (const mate of others) if (mate.call.deadline.left < leader.call.deadline.left) leader = mate;
  await go([leader, ...mates.filter((mate) => mate !== leader)]);
}

/** Resolves when others are done, or when the time of one of these is over. */
function inTimeFor(mates: readonly Mate<JointCall<unknown>, never>[], others: Promise<void>): Promise<void> {
  const left = Math.min(...mates.map(({ call }) => call.deadline.left));
  return new Promise((resolve) => {
    const stop = startTimer(left, resolve);
    void others.then(() => {
      stop();
      resolve();
    });
  });
}
