import type { JointCall } from "./joint-call.ts";

/** How many calls go into one transaction: a plan of so many takes as long as a few replies, and meanwhile nothing is read. */
const MAX_CALLS = 100;

/** Those who go into the transaction of a call: not too many, and none who contradicts another. */
export class Company<Member extends { readonly call: Call }, Call extends JointCall<unknown>> {
  readonly members: Member[] = [];
  readonly #leader: Call;
  readonly #said: Map<string, string>;

  constructor(leader: Call) {
    this.#leader = leader;
    this.#said = new Map([leader.said]);
  }

  get isFull(): boolean {
    return this.members.length + 1 >= MAX_CALLS;
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
