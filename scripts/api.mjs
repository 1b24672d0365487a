// The public API of every entry point of package.json, as reviewed text in etc/*.api.md.
// `npm run api` writes it from dist; with --check a difference is an error.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const check = process.argv.includes("--check");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const entryPoints = Object.entries(manifest.exports).flatMap(([name, target]) =>
  typeof target === "object" ? [{ name, types: join(root, target.types) }] : [],
);

function prepare({ name, types }) {
  const label = name === "." ? manifest.name : `${manifest.name}.${name.slice("./".length)}`;
  return ExtractorConfig.prepare({
    packageJsonFullPath: join(root, "package.json"),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: types,
      newlineKind: "lf",
      compiler: {
        // api-extractor brings a TypeScript of its own; declaration files import each other as "./x.ts".
        overrideTsconfig: {
          compilerOptions: {
            module: "nodenext",
            moduleResolution: "nodenext",
            target: "es2023",
            lib: ["es2023", "esnext.disposable"],
            types: ["node"],
            strict: true,
            noEmit: true,
            allowImportingTsExtensions: true,
          },
          files: entryPoints.map((one) => one.types),
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${label}.api.md`,
        reportFolder: join(root, "etc"),
        reportTempFolder: join(root, "temp"),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: true },
          // No name here carries a release tag: what an entry point exports is public, all else is not.
          "ae-missing-release-tag": { logLevel: ExtractorLogLevel.None },
          // These two name line numbers or a way to write links; neither is the API.
          "ae-undocumented": { logLevel: ExtractorLogLevel.None },
          "ae-unresolved-link": { logLevel: ExtractorLogLevel.None },
          // A type that the API mentions and does not export; each is in the report, for review.
          "ae-forgotten-export": { logLevel: ExtractorLogLevel.None, addToApiReportFile: true },
        },
        // Doc comments are prose for editors, not TSDoc for a site generator.
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
}

if (entryPoints.length === 0) {
  throw new Error("package.json exports no entry point with types: nothing was checked");
}
const absent = entryPoints.filter(({ types }) => !existsSync(types));
if (absent.length > 0) {
  console.error(`not built: ${absent.map(({ name }) => name).join(", ")}. Run npm run build.`);
  process.exit(1);
}

mkdirSync(join(root, "etc"), { recursive: true });
let ok = true;
let state;
for (const entryPoint of entryPoints) {
  const config = prepare(entryPoint);
  // One parse of dist serves all entry points.
  state ??= CompilerState.create(config, { additionalEntryPoints: entryPoints.map(({ types }) => types) });
  const result = Extractor.invoke(config, {
    localBuild: !check,
    compilerState: state,
    messageCallback: (message) => {
      if (message.logLevel !== ExtractorLogLevel.Error && message.logLevel !== ExtractorLogLevel.Warning) {
        message.handled = true;
      }
    },
  });
  if (!result.succeeded) {
    ok = false;
  }
  if (check && result.apiReportChanged) {
    console.error(`${config.reportFilePath}: not up to date. Run npm run api, and review the difference.`);
  }
}
rmSync(join(root, "temp"), { recursive: true, force: true });
console.log(`${entryPoints.length} entry points`);
process.exitCode = ok ? 0 : 1;
