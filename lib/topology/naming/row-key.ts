/** The key under which rows of one plan refer to each other. */
export function rowKey(table: string, name: string): string {
  return `${table}/${name}`;
}

/** How the match of a node's policy begins; nothing else in a policy says whose it is. */
export function policySubject(routerPort: string): string {
  return `inport == "${routerPort}"`;
}
