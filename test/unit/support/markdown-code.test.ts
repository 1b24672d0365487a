import assert from "node:assert/strict";
import { typescriptBlocks } from "../../support/markdown-code.ts";

describe("typescriptBlocks", () => {
  it("finds blocks, their line and their marks", () => {
    const text =
      "# Title\n\n```ts run\na();\n\nb();\n```\n\n```sh\nls\n```\n```ts\nc();\n```\n```tsx\nd\n```\n";
    assert.deepEqual(typescriptBlocks(text), [
      { line: 3, code: "a();\n\nb();\n", marks: ["run"] },
      { line: 12, code: "c();\n", marks: [] },
    ]);
  });
});
