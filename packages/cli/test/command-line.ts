import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';

import type { ConnectionSettings } from 'broken-connections';
import { onTestFinished } from 'vitest';

import { runProgram } from '../src/program.ts';

/** What a command printed, and how it ended. */
export interface CommandResult {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** How a command is run. */
export interface RunOptions {
  readonly signal?: AbortSignal;
  /** What a person types. */
  readonly answers?: string;
  /** What is piped in. */
  readonly input?: string;
}

/** Runs the command line in this process, with an environment of its own. */
export async function runCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  { signal = new AbortController().signal, answers, input: given = '' }: RunOptions = {},
): Promise<CommandResult> {
  const [out, err, input] = [new PassThrough(), new PassThrough(), new PassThrough()];
  input.end(answers ?? given);
  const chunks = { out: '', err: '' };
  out.on('data', (chunk: Buffer) => (chunks.out += chunk.toString()));
  err.on('data', (chunk: Buffer) => (chunks.err += chunk.toString()));
  const exitCode = await runProgram(args, {
    out,
    err,
    in: input,
    environment: { MCP_M2M_CONFIG: '/nonexistent/config.json', ...environment },
    interactive: answers !== undefined,
    color: false,
    width: 100,
    signal,
  });
  await new Promise((resolve) => setImmediate(resolve));
  return { exitCode, ...chunks };
}

/** A folder that is gone after the test. */
export async function createFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mcp-m2m-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Plain settings as arguments and environment; secrets go by file and environment. */
export async function argumentsOf(
  settings: ConnectionSettings,
): Promise<{ args: readonly string[]; environment: Record<string, string> }> {
  const { clientSecret, privateKeyPem, token, tokenParameters = {}, tool } = settings;
  const args = [
    ...option('--issuer', settings.issuer),
    ...option('--client-id', settings.clientId),
    ...(settings.scopes ?? []).flatMap((scope) => ['--scope', scope]),
    ...option('--grant', settings.grantType),
    ...(settings.dpop === true ? ['--dpop'] : []),
    ...Object.entries(tokenParameters).flatMap(([name, value]) => ['--token-parameter', `${name}=${value}`]),
    ...option('--tool', tool?.name),
    ...option('--arguments', tool?.arguments && JSON.stringify(tool.arguments)),
    ...option('--timeout', settings.timeoutMilliseconds && String(settings.timeoutMilliseconds / 1000)),
  ];
  const environment: Record<string, string> = {};
  if (clientSecret !== undefined) environment.MCP_M2M_CLIENT_SECRET = clientSecret;
  if (token !== undefined) {
    environment.TOKEN = token;
    args.push('--token-env', 'TOKEN');
  }
  if (privateKeyPem !== undefined) {
    const file = path.join(await createFolder(), 'key.pem');
    await writeFile(file, privateKeyPem, { mode: 0o600 });
    args.push('--key-file', file);
  }
  return { args, environment };
}

function option(name: string, value: string | number | undefined): readonly string[] {
  return value === undefined || value === 0 ? [] : [name, String(value)];
}
