import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** One scenario, and the revision of the protocol in which server and client speak in it. */
export interface ScenarioRun {
  readonly scenario: string;
  /** Without one, the suite chooses. */
  readonly revision: string | undefined;
}

/** One judgement of the suite. */
export interface Check {
  readonly id: string;
  readonly status: string;
  readonly description?: string;
  readonly errorMessage?: string;
}

/** What came of a run. */
export interface Verdict {
  /** Whether the suite was content: no failure, no warning, no time-out, no client that ended badly. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
  /** What suite and client printed. */
  readonly output: string;
}

/** The revisions of the protocol that everything is run in. */
export const REVISIONS = ['2025-11-25', '2026-07-28'];
/** For the client of one scenario, on a machine that has other things to do. */
const TIMEOUT_MILLISECONDS = '90000';
const RESULTS = await mkdtemp(path.join(tmpdir(), 'mcp-m2m-conformance-'));
process.once('exit', () => rmSync(RESULTS, { recursive: true, force: true }));
const SUITE = fileURLToPath(new URL('../node_modules/.bin/conformance', import.meta.url));
const CLIENT = `${process.execPath} ${fileURLToPath(new URL('client.ts', import.meta.url))}`;

/**
 * Every scenario of the suite about a client's authorization: all of `--suite auth` and, of the suites
 * `extensions`, `draft` and `backcompat`, those that are named `auth/…`. A scenario that exists in both
 * revisions is run in each; one of an extension belongs to no revision, and is run in each too.
 */
export async function listScenarioRuns(): Promise<readonly ScenarioRun[]> {
  return listRuns('--client', /^ *- (auth\/\S+) \[(.*)\]$/gm);
}

/** Every scenario of the suite for authorization servers, in each of both revisions. */
export async function listAuthorizationRuns(): Promise<readonly ScenarioRun[]> {
  return listRuns('--authorization', /^ *- (\S+) \[(.*)\]$/gm);
}

async function listRuns(role: '--client' | '--authorization', line: RegExp): Promise<readonly ScenarioRun[]> {
  const { output } = await runSuite(['list', role]);
  const listed = [...output.matchAll(line)];
  return listed.flatMap(([, scenario = '', tags = '']): ScenarioRun[] => {
    const named = tags.split(',');
    const revisions = REVISIONS.filter((revision) => named.includes(revision) || named.includes('extension'));
    if (revisions.length === 0) return [{ scenario, revision: undefined }];
    return revisions.map((revision) => ({ scenario, revision }));
  });
}

/** Runs one scenario against the client. */
export async function runScenario({ scenario, revision }: ScenarioRun): Promise<Verdict> {
  const results = path.join(RESULTS, randomUUID());
  const parameters = ['client', '--command', CLIENT, '--scenario', scenario];
  parameters.push('--output-dir', results, '--timeout', TIMEOUT_MILLISECONDS);
  // Without --force the suite passes over an extension's scenario when a revision is named.
  if (revision !== undefined) parameters.push('--spec-version', revision, '--force');
  const { exitCode, output } = await runSuite(parameters);
  const checks = await readChecks(results);
  const ok = exitCode === 0 && checks.length > 0 && checks.every(({ status }) => !isObjection(status));
  return { ok, checks, output };
}

/** Whether a check speaks against the client; a warning does. */
export function isObjection(status: string): boolean {
  return status !== 'SUCCESS' && status !== 'INFO';
}

/** What the suite said of a server in one scenario. */
export interface ScenarioChecks {
  readonly scenario: string;
  readonly checks: readonly Check[];
}

/** Runs scenarios against a server, which may fail any of them. */
export async function runServerSuite(
  url: string,
  choice: readonly string[],
): Promise<readonly ScenarioChecks[]> {
  const results = path.join(RESULTS, randomUUID());
  await runSuite(['server', '--url', url, ...choice, '--output-dir', results]);
  const folders = await readdir(results);
  return Promise.all(
    folders.map(async (folder) => ({
      scenario: folder.replace(/^server-|-\d{4}-\d\d-\d\dT.*$/g, ''),
      checks: await readChecks(path.join(results, folder)),
    })),
  );
}

/** Runs one scenario against an authorization server, which may fail it. */
export async function runAuthorizationScenario(
  issuer: string,
  { scenario, revision }: ScenarioRun,
): Promise<readonly Check[]> {
  const results = path.join(RESULTS, randomUUID());
  const parameters = ['authorization', '--url', issuer, '--scenario', scenario, '--output-dir', results];
  if (revision !== undefined) parameters.push('--spec-version', revision);
  await runSuite(parameters);
  return readChecks(results);
}

async function runSuite(parameters: readonly string[]): Promise<{ exitCode: number | null; output: string }> {
  const child = spawn(SUITE, parameters, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { exitCode, output };
}

/** The suite leaves one folder for a run, with the checks as JSON. */
async function readChecks(results: string): Promise<readonly Check[]> {
  const files = await readdir(results, { recursive: true }).catch(() => []);
  const file = files.find((name) => path.basename(name) === 'checks.json');
  return file === undefined ? [] : (JSON.parse(await readFile(path.join(results, file), 'utf8')) as Check[]);
}
