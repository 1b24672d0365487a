import { type Json, ProtocolError } from "../jsonrpc/index.ts";
import { ValidationError } from "./errors.ts";
import { asUuid, isUuid, sketch } from "./narrow.ts";
import { type Atom, type BaseType, isWideInteger } from "./schema.ts";
import type { ColumnName, Ref, ResolveRef, WriteRef } from "./value.ts";

/** What a set or map compares elements by: equal for values that the server takes for equal. */
export type Identity = string | number | bigint | boolean;

/** Reads and writes atoms of one base type. */
export interface AtomCodec {
  /** @throws ProtocolError when `wire` is not of this type. */
  decode(wire: Json): Atom;
  /** @throws ValidationError when the schema does not allow `value`. */
  encode(where: ColumnName, value: unknown, resolve: ResolveRef): Json;
  /** The JSON text of what `encode` gives. @throws ValidationError as that does. */
  write(where: ColumnName, value: unknown, writeRef: WriteRef): string;
  /** Reads the key of a JavaScript object, text as `String` makes it; undefined when it cannot be of this type. */
  fromKey(key: string): Atom | undefined;
  identity(element: Atom | Ref): Identity;
  readonly defaultAtom: Atom;
}

/** Makes the codec of a base type. */
export function atomCodec(base: BaseType): AtomCodec {
  const codec = byType[base.type](base);
  const { enum: allowed } = base;
  if (allowed === undefined) return codec;
  const identities = new Set(allowed.map(codec.identity));
  // Asked when the codec has seen that it is an atom of its type; uuids apart, of which nobody makes enums.
  const check = (where: ColumnName, value: unknown): void => {
    if (identities.has(codec.identity(value as Atom))) return;
    throw refused(where, value, `${sketch(value)} is not one of ${allowed.map(sketch).join(", ")}`);
  };
  return {
    ...codec,
    encode(where, value, resolve) {
      const wire = codec.encode(where, value, resolve);
      check(where, value);
      return wire;
    },
    write(where, value, writeRef) {
      const text = codec.write(where, value, writeRef);
      check(where, value);
      return text;
    },
  };
}

/** A {@link ValidationError} about one element. */
export function refused(where: ColumnName, value: unknown, problem: string): ValidationError {
  return new ValidationError(where.table, where.column, value, problem);
}

/** The error of a value with the key of the map at which the value is; any other error as it is. */
export function atKey(error: unknown, where: ColumnName, key: string): unknown {
  if (!(error instanceof ValidationError)) return error;
  const problem = error.message.slice(refused(where, undefined, "").message.length);
  return refused(where, error.value, `key ${sketch(key)}: ${problem}`);
}

/** Whether a value stands for a row inserted in the same transaction. */
export function isRef(value: unknown): value is Ref {
  return typeof value === "object" && value !== null && "ref" in value && typeof value.ref === "string";
}

const byType: Readonly<Record<BaseType["type"], (base: BaseType) => AtomCodec>> = {
  integer: integerCodec,
  real: realCodec,
  boolean: booleanCodec,
  string: stringCodec,
  uuid: uuidCodec,
};

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;

function integerCodec(base: BaseType): AtomCodec {
  const wide = isWideInteger(base);
  const { minInteger = minInt64, maxInteger = maxInt64 } = base;
  const encode = (where: ColumnName, value: unknown): number | bigint => {
    if (typeof value !== "bigint" && !Number.isSafeInteger(value)) {
      const why = Number.isInteger(value)
        ? "too large to be exact as a number, use a bigint"
        : "not an integer";
      throw refused(where, value, `${sketch(value)} is ${why}`);
    }
    const integer = value as number | bigint;
    if (integer < minInteger) throw refused(where, value, `${integer} is below the minimum ${minInteger}`);
    if (integer > maxInteger) throw refused(where, value, `${integer} is above the maximum ${maxInteger}`);
    return narrowed(integer);
  };
  return {
    decode(wire) {
      if (typeof wire === "number" && Number.isInteger(wire)) return wide ? BigInt(wire) : wire;
      // Beyond what this schema allows, but a newer server's may; better an exact bigint than a rounded number.
      if (typeof wire === "bigint") return wire;
      throw unexpected("an integer", wire);
    },
    encode,
    write: (where, value) => `${encode(where, value)}`,
    fromKey: (key) => (/^(0|-?[1-9]\d*)$/.test(key) ? narrowed(BigInt(key)) : undefined),
    identity: (element) =>
      isRef(element) ? refIdentity(element) : typeof element === "bigint" ? narrowed(element) : element,
    defaultAtom: wide ? 0n : 0,
  };
}

/** A number where that is exact, so that 1 and 1n are one value. */
function narrowed(integer: number | bigint): number | bigint {
  return integer >= Number.MIN_SAFE_INTEGER && integer <= Number.MAX_SAFE_INTEGER ? Number(integer) : integer;
}

function realCodec(base: BaseType): AtomCodec {
  const { minReal = -Infinity, maxReal = Infinity } = base;
  const encode = (where: ColumnName, value: unknown): number => {
    if (typeof value !== "number" || !Number.isFinite(value)) {
      throw refused(
        where,
        value,
        `${typeof value === "number" ? value : sketch(value)} is not a finite number`,
      );
    }
    if (value < minReal) throw refused(where, value, `${value} is below the minimum ${minReal}`);
    if (value > maxReal) throw refused(where, value, `${value} is above the maximum ${maxReal}`);
    return value;
  };
  return {
    decode(wire) {
      if (typeof wire === "number") return wire;
      if (typeof wire === "bigint") return Number(wire);
      throw unexpected("a real", wire);
    },
    encode,
    write: (where, value) => `${encode(where, value)}`,
    fromKey: (key) => (Number.isFinite(Number(key)) && String(Number(key)) === key ? Number(key) : undefined),
    // ovsdb-server prints 15 significant digits: what is written with more never comes back exactly.
    identity: (element) =>
      isRef(element)
        ? refIdentity(element)
        : typeof element === "number"
          ? Number(element.toPrecision(15))
          : element,
    defaultAtom: 0,
  };
}

function booleanCodec(): AtomCodec {
  const encode = (where: ColumnName, value: unknown): boolean => {
    if (typeof value === "boolean") return value;
    throw refused(where, value, `${sketch(value)} is not a boolean`);
  };
  return {
    decode(wire) {
      if (typeof wire === "boolean") return wire;
      throw unexpected("a boolean", wire);
    },
    encode,
    write: (where, value) => `${encode(where, value)}`,
    fromKey: (key) => (key === "true" ? true : key === "false" ? false : undefined),
    identity,
    defaultAtom: false,
  };
}

/** What may not stand in JSON text as it is, and what ovsdb-server may not get at all: every other string is written in quotes. */
const needsCare = /[^ !#-[\]-~]/;

/** Whether a value is a string that needs nothing but quotes around it to be sent. */
export function isPlain(value: unknown): value is string {
  return typeof value === "string" && !needsCare.test(value);
}

function stringCodec(base: BaseType): AtomCodec {
  const { minLength = 0, maxLength = Infinity } = base;
  const bounded = minLength > 0 || maxLength < Infinity;
  const encode = (where: ColumnName, value: unknown): string => {
    if (typeof value !== "string") throw refused(where, value, `${sketch(value)} is not a string`);
    // ovsdb-server does not answer these with an error but drops the connection.
    if (value.includes("\0")) throw refused(where, value, `${sketch(value)} contains a NUL character`);
    if (/\p{Surrogate}/u.test(value))
      throw refused(where, value, `${sketch(value)} contains half a surrogate pair`);
    if (!bounded) return value;
    const { length } = [...value];
    if (length < minLength) {
      throw refused(
        where,
        value,
        `${sketch(value)} has ${length} characters, at least ${minLength} are needed`,
      );
    }
    if (length > maxLength) {
      throw refused(
        where,
        value,
        `${sketch(value)} has ${length} characters, at most ${maxLength} are allowed`,
      );
    }
    return value;
  };
  return {
    decode(wire) {
      if (typeof wire === "string") return wire;
      throw unexpected("a string", wire);
    },
    encode,
    write: (where, value) =>
      !bounded && isPlain(value) ? `"${value}"` : JSON.stringify(encode(where, value)),
    fromKey: (key) => key,
    identity,
    defaultAtom: "",
  };
}

function uuidCodec(base: BaseType): AtomCodec {
  const checked = (where: ColumnName, value: unknown): string | Ref => {
    if (isRef(value)) {
      if ("table" in value && base.refTable !== undefined && value.table !== base.refTable) {
        throw refused(
          where,
          value,
          `a row of ${String(value.table)} given where one of ${base.refTable} belongs`,
        );
      }
      return value;
    }
    if (typeof value !== "string" || !isUuid(value)) {
      throw refused(
        where,
        value,
        `${sketch(value)} is neither a uuid nor a row inserted in this transaction`,
      );
    }
    return value.toLowerCase();
  };
  return {
    decode: (wire) => asUuid(wire, "value"),
    encode(where, value, resolve) {
      const uuid = checked(where, value);
      return typeof uuid === "string" ? ["uuid", uuid] : resolve(uuid);
    },
    write(where, value, writeRef) {
      const uuid = checked(where, value);
      return typeof uuid === "string" ? `["uuid","${uuid}"]` : writeRef(uuid, base);
    },
    fromKey: (key) => key,
    identity: (element) =>
      isRef(element) ? refIdentity(element) : typeof element === "string" ? element.toLowerCase() : element,
    defaultAtom: "00000000-0000-0000-0000-000000000000",
  };
}

function identity(element: Atom | Ref): Identity {
  return isRef(element) ? refIdentity(element) : element;
}

function refIdentity(ref: Ref): Identity {
  return `ref ${ref.ref}`;
}

function unexpected(what: string, wire: Json): ProtocolError {
  return new ProtocolError(`value: expected ${what}, got ${sketch(wire)}`);
}
