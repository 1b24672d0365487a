import type { JointCall } from "./joint-call.ts";

/** How many calls go into one transaction: a plan of so many takes as long as a few replies, and meanwhile nothing is read. */
export const MAX_CALLS = 100;

/** Those who may go together with a call: none contradicts another. */
export class Company<Member extends { readonly call: Call }, Call extends JointCall<unknown>> {
  readonly members: Member[] = [];
  readonly #size: number;
  readonly #leader: Call;
  readonly #said: Map<string, string>;

  /** @param size How many they may be, with that call. */
  constructor(leader: Call, size: number = Number.POSITIVE_INFINITY) {
    this.#size = size;
    this.#leader = leader;
    this.#said = new Map([leader.said]);
  }

  get isFull(): boolean {
    return this.members.length + 1 >= this.#size;
  }

  /** Takes somebody in. False where that one may not come along. */
  admit(member: Member): boolean {
    const { call } = member;
    if (this.isFull || !call.mayJoin(this.#leader)) return false;
    const [about, what] = call.said;
    if ((this.#said.get(about) ?? what) !== what) return false;
    this.#said.set(about, what);
    this.members.push(member);
    return true;
  }
}
