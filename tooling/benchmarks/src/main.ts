// Runs the benchmarks and prints what they measured, as tables or (`--json`) for machines. Words on the command line
// choose suites by name; with `--quick` those of the authorization server repeat less. Exit code 0 whatever was
// measured: a figure is not a test.
import { cpus } from 'node:os';
import Table from 'cli-table3';
import { meetsTarget, type Measurement, type Suite } from './measurement.ts';
import { coldCalls } from './suites/cold-calls.ts';
import { expiries } from './suites/expiries.ts';
import { expressThroughput } from './suites/express-throughput.ts';
import { footprint } from './suites/footprint.ts';
import { introspections } from './suites/introspections.ts';
import { issuanceMemory } from './suites/issuance-memory.ts';
import { issuanceOnPostgresql } from './suites/issuance-on-postgresql.ts';
import { issuanceOnSqlite } from './suites/issuance-on-sqlite.ts';
import { frameworkThroughput } from './suites/framework-throughput.ts';
import { manyResources } from './suites/many-resources.ts';
import { outage } from './suites/outage.ts';
import { proofCreation } from './suites/proof-creation.ts';
import { proofsOverHttp } from './suites/proofs-over-http.ts';
import { proofs } from './suites/proofs.ts';
import { randomTokens } from './suites/random-tokens.ts';
import { requestOverhead } from './suites/request-overhead.ts';
import { storedClients } from './suites/stored-clients.ts';
import { sideBySide } from './suites/side-by-side.ts';
import { verificationCost } from './suites/verification-cost.ts';
import { warmToken } from './suites/warm-token.ts';

const SUITES: readonly Suite[] = [
  expressThroughput,
  ...frameworkThroughput,
  verificationCost,
  proofs,
  proofsOverHttp,
  randomTokens,
  outage,
  footprint,
  sideBySide,
  coldCalls,
  warmToken,
  requestOverhead,
  expiries,
  manyResources,
  proofCreation,
  issuanceOnSqlite,
  issuanceOnPostgresql,
  storedClients,
  introspections,
  issuanceMemory,
];

const words = process.argv.slice(2).filter((word) => word !== '--');
const asJson = words.includes('--json');
const quick = words.includes('--quick');
const wanted = words.filter((word) => !word.startsWith('--')).map((word) => word.toLowerCase());
const chosen = SUITES.filter(
  ({ name }) => wanted.length === 0 || wanted.some((word) => name.toLowerCase().includes(word)),
);

const machine = { node: process.version, processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
if (!asJson) console.log(`Node ${machine.node}, ${machine.cores} cores, ${machine.processor}`);

const results: { name: string; description: string; measurements: readonly Measurement[] }[] = [];
for (const { name, description, run } of chosen) {
  if (!asJson) console.log(`\n${name}\n${description}`);
  const measurements = await run({ quick });
  results.push({ name, description, measurements });
  if (!asJson) print(measurements);
}
if (asJson) console.log(JSON.stringify({ machine, results }, undefined, 2));

function print(measurements: readonly Measurement[]): void {
  const table = new Table({ head: ['', 'measured', 'unit', 'target', ''], style: { head: [], border: [] } });
  for (const measurement of measurements) {
    const { name, value, unit, target } = measurement;
    const met = meetsTarget(measurement);
    const bound =
      target === undefined
        ? ''
        : 'atLeast' in target
          ? `at least ${target.atLeast}`
          : `at most ${target.atMost}`;
    table.push([name, rounded(value), unit, bound, met === undefined ? '' : met ? 'met' : 'NOT MET']);
  }
  console.log(table.toString());
}

function rounded(value: number): string {
  return Math.abs(value) >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(2);
}
