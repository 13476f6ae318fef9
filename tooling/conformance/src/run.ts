// Runs the scenarios of the public suite that this project must pass, and ends with a line of totals.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SCENARIOS = ['auth/client-credentials-basic', 'auth/client-credentials-jwt'];

interface Check {
  readonly id: string;
  readonly status: string;
  readonly description?: string;
  readonly errorMessage?: string;
}

const results = await mkdtemp(path.join(tmpdir(), 'mcp-m2m-conformance-'));
process.once('exit', () => rmSync(results, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
let passed = 0;
let failed = 0;
for (const scenario of SCENARIOS) {
  const exitCode = await runScenario(scenario);
  const checks = await readChecks();
  const bad = checks.filter(({ status }) => status !== 'SUCCESS' && status !== 'INFO');
  const ok = exitCode === 0 && checks.length > 0 && bad.length === 0;
  if (ok) passed++;
  else failed++;
  console.log(`${ok ? 'pass' : 'FAIL'}  ${scenario}  ${checks.length} checks, ${bad.length} not passed`);
  for (const { id, status, description = '', errorMessage = '' } of bad) {
    console.log(`      ${status} ${id}: ${description} ${errorMessage}`);
  }
}
console.log(`\nConformance: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function runScenario(scenario: string): Promise<number | null> {
  await rm(results, { recursive: true, force: true });
  const suite = fileURLToPath(new URL('../node_modules/.bin/conformance', import.meta.url));
  const client = `${process.execPath} ${fileURLToPath(new URL('client.ts', import.meta.url))}`;
  const child = spawn(
    suite,
    ['client', '--command', client, '--scenario', scenario, '--output-dir', results],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (exitCode !== 0) console.log(output);
  return exitCode;
}

/** The suite leaves one folder for a run, with the checks as JSON. */
async function readChecks(): Promise<readonly Check[]> {
  const files = await readdir(results, { recursive: true }).catch(() => []);
  const file = files.find((name) => path.basename(name) === 'checks.json');
  return file === undefined ? [] : (JSON.parse(await readFile(path.join(results, file), 'utf8')) as Check[]);
}
