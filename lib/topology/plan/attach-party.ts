import { OutcomeUnknownError, onAbort, startTimer } from "../../session/index.ts";
import type { AttachCall, AttachedPort } from "./attach-call.ts";
import { Company, MAX_CALLS } from "./company.ts";
import type { ExclusiveRow } from "./exclusive-rows.ts";
import { missedTurn } from "./missed-turn.ts";
import { TurnMates } from "./turn-mates.ts";

const attached: TurnMates<AttachCall, AttachedPort> = new TurnMates();

/** By handle, the parties on switches, by uuid. */
const parties = new WeakMap<object, Map<string, Party>>();

/**
 * Attaches the pod of a call. Of calls on one handle that depend on the version of one switch one is under way; those that come
 * meanwhile go together in the next transaction. One after another each would wait for two replies.
 *
 * Nothing rests on it: the guard on the version is the same. Throws as `Network.attach` does.
 */
export async function attachPod(call: AttachCall): Promise<AttachedPort> {
  if (!call.isContested) return await attached.take(call);
  try {
    const found = call.mayBeTogether ? call.contested() : undefined;
    const row = found instanceof Promise ? await found : found;
    return await (row === undefined ? call.alone() : partyOn(call.nb, row).attach(call));
  } finally {
    call.release();
  }
}

function partyOn(handle: object, row: ExclusiveRow): Party {
  const all = parties.get(handle) ?? new Map<string, Party>();
  parties.set(handle, all);
  const party = all.get(row.uuid) ?? new Party(row, () => all.delete(row.uuid));
  all.set(row.uuid, party);
  return party;
}

/** The calls on one switch. */
class Party {
  readonly #row: ExclusiveRow;
  readonly #end: () => void;
  #isLed = false;
  #waiting: Guest[] = [];

  /** @param end called when nobody is left. */
  constructor(row: ExclusiveRow, end: () => void) {
    this.#row = row;
    this.#end = end;
  }

  async attach(call: AttachCall): Promise<AttachedPort> {
    if (this.#isLed) {
      call.signal?.throwIfAborted();
      // Else each plan of the transactions before would look past what thousands who wait were about to take.
      call.release();
      const guest = new Guest(call, this.#row, (left) => {
        this.#waiting = this.#waiting.filter((each) => each !== left);
      });
      this.#waiting.push(guest);
      const port = await guest.outcome;
      if (port !== undefined) return port;
    }
    this.#isLed = true;
    try {
      return await this.#lead(call);
    } finally {
      const next = this.#waiting.shift();
      if (next !== undefined) next.lead();
      else this.#end();
    }
  }

  async #lead(call: AttachCall): Promise<AttachedPort> {
    let guests = this.#guestsOf(call);
    if (guests.length === 0) return await call.alone();
    const taken = new Set(guests);
    this.#waiting = this.#waiting.filter((each) => !taken.has(each));
    for (const guest of guests) guest.board();
    try {
      const calls = guests.map((guest) => guest.call);
      const [own, ...others] = await call.together(calls, (leftOut) => {
        this.#waiting.unshift(...guests.filter((guest) => leftOut.has(guest.call) && guest.goesOn()));
        guests = guests.filter((guest) => !leftOut.has(guest.call));
      });
      for (const [index, guest] of guests.entries()) guest.arrive(others[index]);
      return own;
    } catch (error) {
      const isRefused = !call.isInterrupted(error);
      if (isRefused) for (const guest of guests) guest.call.isAlone = true;
      if (error instanceof OutcomeUnknownError) for (const guest of guests) guest.call.doubt(error);
      this.#waiting.unshift(...guests.filter((guest) => guest.goesOn()));
      if (!isRefused) throw error;
      return await call.alone();
    }
  }

  /** Those who wait, and may go together with a call. */
  #guestsOf(call: AttachCall): readonly Guest[] {
    if (call.isAlone || this.#waiting.length === 0) return [];
    const company = new Company<Guest, AttachCall>(call, MAX_CALLS);
    for (const guest of this.#waiting) {
      if (company.isFull) break;
      company.admit(guest);
    }
    return company.members;
  }
}

/** A call that waits until one before it is done, which may take it along. */
class Guest {
  readonly call: AttachCall;
  /** Its port; undefined when it is to lead. Rejects when its time is over or its signal aborts. */
  readonly outcome: Promise<AttachedPort | undefined>;
  #isUnderWay = false;
  /** What ended it while it was under way, until it is known what became of it. */
  #late: { readonly error: unknown } | undefined;
  readonly #leave: () => void;
  #settle: (port: AttachedPort | undefined) => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;

  /** @param leave called when it gives up waiting. */
  constructor(call: AttachCall, row: ExclusiveRow, leave: (guest: Guest) => void) {
    this.call = call;
    const { deadline, nb, signal } = call;
    const stopTimer = startTimer(deadline.left, () =>
      this.#giveUp(
        nb.status().state === "live"
          ? missedTurn([row], deadline.timeout)
          : deadline.error("the connection to the server"),
      ),
    );
    const stopListening = onAbort(signal, () => this.#giveUp(signal?.reason));
    this.#leave = () => leave(this);
    this.outcome = new Promise<AttachedPort | undefined>((resolve, reject) => {
      this.#settle = resolve;
      this.#fail = (error) => reject(call.givenUp(error));
    }).finally(() => {
      stopTimer();
      stopListening();
    });
  }

  #giveUp(error: unknown): void {
    if (this.#isUnderWay) {
      this.#late ??= { error };
      return;
    }
    this.#leave();
    this.#fail(error);
  }

  lead(): void {
    this.#settle(undefined);
  }

  /** It is in the transaction of another call now. */
  board(): void {
    this.#isUnderWay = true;
  }

  arrive(port: AttachedPort | undefined): void {
    this.#settle(port);
  }

  /** That transaction came to nothing, or goes without it. Whether it goes on waiting. */
  goesOn(): boolean {
    this.#isUnderWay = false;
    if (this.#late !== undefined) this.#fail(this.#late.error);
    return this.#late === undefined;
  }
}
