// TypeScript models of OVSDB schemas; texts only, the caller writes the files.
export { type GenerateOptions, generateModel } from "./generate-model.ts";
