/** Where `util.inspect` of Node.js looks. It is registered, so that no module has to be imported for it. */
const CUSTOM = Symbol.for("nodejs.util.inspect.custom");

/**
 * What `console.log` and `util.inspect` show of an object, or of all that have this prototype: a name, and what `members`
 * tells. Node.js sees no private state, and shows getters as such at the best. To look must not fail, whatever the state is.
 */
export function showAs<T extends object>(target: T, name: string, members: (object: T) => object): void {
  Object.defineProperty(target, CUSTOM, {
    value(this: T) {
      // Node.js shows the name of the class.
      const Shown = class {};
      Object.defineProperty(Shown, "name", { value: name });
      const told = orWhyNot(() => members(this));
      return Object.assign(new Shown(), typeof told === "string" ? { unreadable: told } : told);
    },
  });
}

/** What `read` gives, or why there is nothing to show. */
export function orWhyNot<V>(read: () => V): V | string {
  try {
    return read();
  } catch (error) {
    return `<${String(error)}>`;
  }
}
