import { deflateSync } from 'node:zlib';
import type { McpAuthOptions } from '@mcp-m2m/express';
import { createTestAuthority, type MintOptions, type TestAuthority } from '@mcp-m2m/testing';
import { afterEach, beforeEach, expect } from 'vitest';
import { ask, expectRefused } from './asking.ts';
import { RESOURCE, startProtectedApp, type ProtectedApp } from './protected-app.ts';
import { startListServer, type ListServer } from './status-list-server.ts';

/** The authority, the server of lists and the protected server of the current test. */
export const scene: { authority: TestAuthority; lists: ListServer; app: ProtectedApp } = {} as never;

/** Sets them up for each test, with a clock that stands still. */
export function setUpStatusLists(): void {
  beforeEach(async () => {
    const startedAt = Date.now();
    scene.authority = await createTestAuthority({
      audience: RESOURCE,
      scope: 'deploy:read',
      now: () => startedAt,
    });
    scene.lists = await startListServer();
    scene.app = await start({ statusLists: { origins: [scene.lists.origin] } });
  });

  afterEach(async () => {
    await scene.app[Symbol.asyncDispose]();
    await scene.lists[Symbol.asyncDispose]();
    await scene.authority.close();
  });
}

export const start = (options: Partial<McpAuthOptions> = {}): Promise<ProtectedApp> =>
  startProtectedApp({
    authorizationServers: [scene.authority.issuer],
    now: scene.authority.now,
    timeoutMilliseconds: 1500,
    ...options,
  });

/** 503, because it cannot be told whether the token was revoked. */
export async function expectUntold(app: ProtectedApp, token: string): Promise<void> {
  const response = await ask(app, token);
  const { reason } = app.decisions.at(-1) ?? {};
  expect([response.status, reason]).toEqual([503, 'revocation_unavailable']);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect(response.headers.get('www-authenticate')).toBeNull();
  expect(await response.json()).toMatchObject({ error: 'temporarily_unavailable' });
  expect(app.callers).toEqual([]);
}

export const expectRevoked = (app: ProtectedApp, token: string): Promise<void> =>
  expectRefused(app, token, 'token_revoked');

export const uri = (): string => `${scene.lists.origin}/lists/1`;
export const nowSeconds = (): number => Math.floor(scene.authority.now() / 1000);
export const tokenAt = (index: number, extra: Readonly<Record<string, unknown>> = {}): string =>
  scene.authority.mint({ status: { status_list: { idx: index, uri: uri() } }, ...extra });

/** Packs statuses as section 4.1 of the draft says, in the straightforward way. */
export function pack(statuses: readonly number[], bits: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil((statuses.length * bits) / 8));
  for (const [index, status] of statuses.entries()) {
    for (let bit = 0; bit < bits; bit++) {
      const position = index * bits + bit;
      if ((status >> bit) & 1) bytes[position >> 3] = (bytes[position >> 3] ?? 0) | (1 << (position & 7));
    }
  }
  return bytes;
}

/** A status list token that is right but for what is given. */
export function listToken(
  statuses: readonly number[],
  bits = 1,
  claims: Readonly<Record<string, unknown>> = {},
  options: MintOptions = {},
): string {
  const { keyId } =
    options.key !== undefined && 'keyId' in options.key ? options.key : scene.authority.signingKey;
  const lst = deflateSync(pack(statuses, bits)).toString('base64url');
  const status_list = { bits, lst };
  const payload = { sub: uri(), iat: nowSeconds(), ttl: 60, status_list, ...claims };
  const header = { alg: 'ES256', typ: 'statuslist+jwt', kid: keyId, ...options.header };
  return scene.authority.mintRaw({ header, payload }, options);
}

export const TYPE = { 'content-type': 'application/statuslist+jwt' };
export const serve = (token: string): void => scene.lists.answerWith({ headers: TYPE, body: token });
