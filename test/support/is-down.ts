import { NotSyncedError } from "../../lib/index.ts";

/** Whether a handle knows that its connection is lost: `read`, which reads from its replica, throws then. */
export function isDown(read: () => unknown): boolean {
  try {
    read();
    return false;
  } catch (error) {
    return error instanceof NotSyncedError;
  }
}
