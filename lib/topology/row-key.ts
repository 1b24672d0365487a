/** The key under which rows of one plan refer to each other. */
export function rowKey(table: string, name: string): string {
  return `${table}/${name}`;
}
