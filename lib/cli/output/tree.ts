/** A line with what belongs below it. */
export interface TreeNode {
  readonly text: string;
  readonly children?: readonly TreeNode[];
}

/** Trees as lines, the branches drawn. */
export function formatTree(node: TreeNode): readonly string[] {
  const children = node.children ?? [];
  return [
    node.text,
    ...children.flatMap((child, index) => {
      const isLast = index === children.length - 1;
      return formatTree(child).map((line, row) => {
        if (row === 0) return `${isLast ? "└─ " : "├─ "}${line}`;
        return `${isLast ? "   " : "│  "}${line}`;
      });
    }),
  ];
}
