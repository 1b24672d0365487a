/** Something in the manifests that is none of this library's business, cannot have a port, or has no effect. */
export interface Skipped {
  readonly file: string;
  /** Counted from 1. */
  readonly document: number;
  /** Where the object begins, or the field in it. */
  readonly line: number;
  /** What has no effect, where that is a field of an object that is used: `spec.config.subnet`. Absent: the object is passed over. */
  readonly field?: string;
  readonly kind: string;
  /** `namespace/name` as written; empty when the object has no name. */
  readonly name: string;
  readonly reason: string;
}
