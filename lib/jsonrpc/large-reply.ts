import { ProtocolError } from "./errors.ts";
import type { FramerLimits } from "./framer.ts";
import { type Cut, MemberCutter } from "./member-cutter.ts";
import { decodeMessage, type Incoming } from "./message.ts";

/** A large message that comes in while a call with a `cut` waits for its reply. */
export class LargeReply extends MemberCutter {
  readonly #id: number;

  constructor(id: number, cut: Cut, limits: FramerLimits | undefined) {
    super(cut, limits);
    this.#id = id;
  }

  /** The message, once it has ended. Throws `ProtocolError`, also when members were cut out of another message than the reply. */
  decode(): Incoming {
    const message = decodeMessage(this.skeleton());
    const cut = this.cutOut;
    if (cut === undefined) return message;
    if (message.kind === "result" && message.id === this.#id) return { ...message, cut };
    throw new ProtocolError("the peer sent the members of a snapshot in another message than the reply");
  }
}
