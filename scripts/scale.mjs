// What large clusters take, one scenario at a time; started by scripts/scale.sh. Writes a section of docs/scale.md.
import { parseArgs } from "node:util";

const usage = `Usage: npm run scale                     10, 20, 50 chassis with packets, 100 without; writes docs/scale.md
       npm run scale -- --packets 5 --dummy 10 --ports 100 --output -
Those with packets have a layer3 network, the others a layer2 one.
       npm run scale -- --scenario topologies [--cases NETWORKSxNODESxPODS[:layer2][:primary][:no-gateway-mtu],...]
                        [--limit SECONDS] [--memory MIB] [--output -]
Many networks, nodes and pods, from manifests, without chassis; ovn-northd is given up at a limit.`;
const scenarios = {
  chassis: async (values, command) => (await import("./scale/chassis.mjs")).chassis(values, command),
  topologies: async (values, command) => (await import("./scale/topologies.mjs")).topologies(values, command),
};

try {
  const { values } = parseArgs({
    options: {
      scenario: { type: "string", default: "chassis" },
      packets: { type: "string", default: "10,20,50" },
      dummy: { type: "string", default: "100" },
      ports: { type: "string", default: "1000" },
      cases: {
        type: "string",
        default: "500x20x500,1x1000x20000,500x20x500:layer2,1x1000x20000:layer2",
      },
      limit: { type: "string", default: "120" },
      memory: { type: "string", default: "9000" },
      output: { type: "string", default: "docs/scale.md" },
    },
  });
  if (!Object.hasOwn(scenarios, values.scenario)) {
    throw Object.assign(new Error(`--scenario ${values.scenario}: there are chassis and topologies`), {
      code: "ERR_PARSE_ARGS_SCENARIO",
    });
  }
  const args = process.argv.slice(2).map((arg) => (/^[\w.,:=/-]+$/.test(arg) ? arg : JSON.stringify(arg)));
  const command = ["npm run scale", ...(args.length > 0 ? ["--", ...args] : [])].join(" ");
  await scenarios[values.scenario](values, command);
} catch (error) {
  console.error(error);
  if (error?.code?.startsWith("ERR_PARSE_ARGS")) {
    console.error(usage);
  }
  process.exitCode = 1;
}
