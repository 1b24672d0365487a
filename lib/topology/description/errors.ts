import { OvsdbError } from "../../jsonrpc/index.ts";

/** A description of a network, a node or a pod that cannot be built. Nothing was read or written. */
export class SpecError extends OvsdbError {
  static override readonly name: string = "SpecError";
  readonly code = "ERR_SPEC";
  /** The field: `subnets`, `vlanID`, `pods[default/web].node`. */
  readonly path: string;
  /** What was found there. */
  readonly value: unknown;
  /** Where the user wrote it, when the caller said so (see `AttachmentInput.source`). */
  readonly source: string | undefined;
  /** The network whose field it is, when it is found only with the nodes or the database. */
  readonly network: string | undefined;

  constructor(
    message: string,
    where: {
      readonly path: string;
      readonly value: unknown;
      readonly source?: string | undefined;
      readonly network?: string | undefined;
    },
  ) {
    super(message);
    this.path = where.path;
    this.value = where.value;
    this.source = where.source;
    this.network = where.network;
  }
}

/** An address or a subnet that cannot be given: outside, taken, excluded, reserved, or none is left. */
export class AddressError extends OvsdbError {
  static override readonly name: string = "AddressError";
  readonly code = "ERR_ADDRESS";
  /** `pods[<namespace>/<name>].addresses` or `nodes[<name>].subnets`. */
  readonly path: string;
  /** The address or subnet as it was asked for, or the subnet that is full. */
  readonly value: string;
  /** Where the user wrote it, when the caller said so. */
  readonly source: string | undefined;

  constructor(
    message: string,
    where: { readonly path: string; readonly value: string; readonly source?: string | undefined },
  ) {
    super(message);
    this.path = where.path;
    this.value = where.value;
    this.source = where.source;
  }
}

/** Two different things would get rows of the same name: OVN-Kubernetes writes `-` and `/` as `.` in names. */
export class NameCollisionError extends OvsdbError {
  static override readonly name: string = "NameCollisionError";
  readonly code = "ERR_NAME_COLLISION";
  readonly table: string;
  /** The `name` that both rows would have. */
  readonly objectName: string;
  /** What the two rows stand for. */
  readonly sources: readonly [string, string];

  constructor(table: string, objectName: string, sources: readonly [string, string], remedy = "") {
    const both = `${sources[0]} and ${sources[1]} would both be the ${table} "${objectName}"`;
    super(remedy === "" ? both : `${both}; ${remedy}`);
    this.table = table;
    this.objectName = objectName;
    this.sources = sources;
  }
}

/** The network in the database was written with another profile or mode than the one asked for. */
export class ProfileMismatchError extends OvsdbError {
  static override readonly name: string = "ProfileMismatchError";
  readonly code = "ERR_PROFILE";
  readonly network: string;
  /** What the rows show, such as `ovn-kubernetes-2023` or `interconnect`. */
  readonly found: string;
  readonly asked: string;

  constructor(network: string, found: string, asked: string) {
    super(`network "${network}" was written with ${found}, but ${asked} was asked for`);
    this.network = network;
    this.found = found;
    this.asked = asked;
  }
}
