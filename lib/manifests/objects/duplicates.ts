import { type FieldPath, valueAt } from "../text/field-path.ts";
import { JsonTextError } from "../text/json-text.ts";
import type { Kind } from "./kind.ts";
import type { KubernetesObject } from "./object.ts";
import type { Part } from "./part.ts";
import type { Problems } from "./problems.ts";

/** What belongs to the whole cluster, and so is in each export of a part of it. */
const EVERYWHERE: ReadonlySet<Kind> = new Set<Kind>(["Node", "Namespace"]);

/**
 * Drops every object that is there already, by kind, namespace and name, with the same content; reports those with another one.
 * Of what is not in every export a line tells: somebody may have copied it and forgotten the name.
 */
export function withoutDuplicates(
  objects: readonly KubernetesObject[],
  problems: Problems,
): KubernetesObject[] {
  const first = new Map<string, KubernetesObject>();
  return objects.filter((object) => {
    const { kind, key, part } = object;
    const id = `${kind} ${key}`;
    const other = first.get(id);
    if (other === undefined) {
      first.set(id, object);
      return true;
    }
    const path = difference(essence(other), essence(object));
    const unlike = path && unlikeParts(other.part, part, path);
    const { file, document, line } = (unlike?.first ?? other.part).position(unlike?.path);
    const place = `${file}, document ${document}, line ${line}`;
    if (unlike !== undefined)
      problems.add(unlike.second, unlike.path, `differs from that of ${id} in ${place}`);
    else if (!EVERYWHERE.has(kind)) problems.skip(part, kind, key, `it is there already, in ${place}`);
    return false;
  });
}

type Members = Readonly<Record<string, unknown>>;

/** An object without what two exports of it need not have in common: what the API server notes of its changes, and how a node is. */
function essence({ kind, part }: KubernetesObject): Members {
  const { kind: _kind, apiVersion: _version, metadata, status, ...rest } = part.value as Members;
  const {
    namespace: _namespace,
    resourceVersion,
    managedFields,
    generation,
    ...others
  } = metadata as Members;
  return { metadata: others, ...rest, ...(kind !== "Node" && { status }) };
}

/** The way to the first thing in which two values differ; undefined when they are the same, whatever the order of their keys. */
function difference(a: unknown, b: unknown): FieldPath | undefined {
  // As Kubernetes has it, null is as good as nothing.
  if ((a ?? undefined) === (b ?? undefined)) return undefined;
  if (!isContainer(a) || !isContainer(b) || Array.isArray(a) !== Array.isArray(b)) return [];
  const isList = Array.isArray(a);
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const path = difference(valueAt(a, [key]), valueAt(b, [key]));
    if (path !== undefined) return [isList ? Number(key) : key, ...path];
  }
  return undefined;
}

/** Where two objects differ that do so at a path. */
interface Unlike {
  readonly first: Part;
  readonly second: Part;
  readonly path: FieldPath;
}

/** In texts that hold JSON it is a place within; undefined where they are only written in other ways. */
function unlikeParts(first: Part, second: Part, path: FieldPath): Unlike | undefined {
  const [a, b] = [jsonAt(first, path), jsonAt(second, path)];
  if (a === undefined || b === undefined) return { first, second, path };
  const inner = difference(a.value, b.value);
  return inner && { first: a, second: b, path: inner };
}

function jsonAt(part: Part, path: FieldPath): Part | undefined {
  const text = part.get(path);
  if (typeof text !== "string" || !/^\s*[{[]/.test(text)) return undefined;
  try {
    return part.json(path, text);
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    return undefined;
  }
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
