import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { SignJWT, generateKeyPair } from 'jose';
import { expect, onTestFinished } from 'vitest';
import { AssertionSourceError, type AssertionRequest } from '../../../src/client/grants/assertion-source.ts';

/** The authorization server that assertions are for. */
export const ISSUER = 'https://as.example.com';
export const NOW_SECONDS = 1_800_000_000;

const { privateKey } = await generateKeyPair('ES256');

/** A signed token, for {@link ISSUER} and valid for ten minutes unless told otherwise. */
export function createToken(claims: Record<string, unknown> = {}): Promise<string> {
  const defaults = {
    iss: 'https://platform.example',
    sub: 'workload',
    aud: ISSUER,
    iat: NOW_SECONDS,
    exp: NOW_SECONDS + 600,
    jti: crypto.randomUUID(),
  };
  return new SignJWT({ ...defaults, ...claims }).setProtectedHeader({ alg: 'ES256' }).sign(privateKey);
}

/** A request for an assertion, and what it was told to conceal. */
export interface RecordedRequest extends AssertionRequest {
  readonly concealed: string[];
}

export function createRequest(overrides: Partial<AssertionRequest> = {}): RecordedRequest {
  const concealed: string[] = [];
  return {
    audience: ISSUER,
    clientId: 'nightly-report',
    resource: 'https://mcp.example.com/mcp',
    now: () => NOW_SECONDS * 1000,
    signal: new AbortController().signal,
    conceal: (value) => concealed.push(value),
    ...overrides,
    concealed,
  };
}

/** The error that a source fails with, after it has been searched for secrets. */
export async function failureOf(
  promise: Promise<unknown>,
  secrets: readonly string[] = [],
): Promise<AssertionSourceError> {
  const error = await promise.then(
    (value) => expect.fail(`settled with ${inspect(value)}`),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AssertionSourceError);
  expectNoSecrets(error, secrets);
  return error as AssertionSourceError;
}

/** Searches everything that a program may print of a value. */
export function expectNoSecrets(value: unknown, secrets: readonly string[]): void {
  const printed = [
    value instanceof Error ? `${value.message}\n${value.stack ?? ''}` : '',
    inspect(value, { depth: null, showHidden: true }),
    JSON.stringify(value),
    String(value),
  ].join('\n');
  for (const secret of secrets) {
    expect(secret.length, 'the canary is there').toBeGreaterThan(8);
    expect(printed).not.toContain(secret);
    // The claims of a token are shown in words, its parts never.
    for (const part of secret.split('.').filter(({ length }) => length > 8)) {
      expect(printed).not.toContain(part);
    }
  }
}

/** A folder that is gone when the current test has finished. */
export async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'workload-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
