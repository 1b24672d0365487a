// What rows without a name are called in plans and messages: what they are known by.

/** A route; it looks at the source, or at the destination. */
export function routeLabel(prefix: string, policy: unknown, nexthop: string): string {
  return `${prefix}${policy === "src-ip" ? " (source)" : ""} by ${nexthop}`;
}

/** A policy of a router. */
export function policyLabel(priority: number, match: string): string {
  return `${priority} ${match}`;
}

/** An address translation. */
export function natLabel(inside: string, outside: string): string {
  return `${inside} behind ${outside}`;
}

/**
 * The same of a row of the database. Empty where its columns are not known, and for rows of other tables.
 *
 * @param columns Its columns by name.
 */
export function unnamedLabel(table: string, columns: Readonly<Record<string, unknown>>): string {
  const { ip_prefix, policy, nexthop, direction, priority, match, logical_ip, external_ip } = columns;
  switch (table) {
    case "Logical_Router_Static_Route":
      return isText(ip_prefix) && isText(nexthop) ? routeLabel(ip_prefix, policy, nexthop) : "";
    case "Logical_Router_Policy":
      return isText(match) ? policyLabel(Number(priority), match) : "";
    case "NAT":
      return isText(logical_ip) && isText(external_ip) ? natLabel(logical_ip, external_ip) : "";
    case "ACL":
      return isText(match) ? `${direction} ${priority} ${match}` : "";
    default:
      return "";
  }
}

/** Orders what is told by its name: sets and tables have another order on each server. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
