/** The version in package.json, which is not read at run time: `--version` and `--help` should be instant. */
export const version = "0.1.0";
