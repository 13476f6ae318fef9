import { inflateSync } from 'node:zlib';

import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { MCP, startServer, type RunningServer } from '../running-server.ts';
import { startResourceServer } from './resource-server.ts';
import { placeOf, registerClient, registerResourceServer } from './tokens-of-clients.ts';

let now: number;
let running: RunningServer;
beforeEach(async () => {
  now = Date.now();
  running = await startServer({ now: () => now, accessTokenLifetimeSeconds: 3600 });
});
afterEach(async () => await running.stop());

/** The revoked indexes of a list, after verifying it as the draft has it. */
async function readRevoked(uri: string): Promise<number[]> {
  const response = await fetch(uri);
  expect(response.headers.get('content-type')).toBe('application/statuslist+jwt');
  const { payload } = await jwtVerify(
    await response.text(),
    createRemoteJWKSet(new URL(`${running.issuer}/jwks`)),
    { typ: 'statuslist+jwt', issuer: running.issuer, subject: uri, currentDate: new Date(now) },
  );
  const { bits, lst } = payload['status_list'] as { bits: number; lst: string };
  expect(bits).toBe(1);
  const revoked: number[] = [];
  for (const [i, byte] of inflateSync(Buffer.from(lst, 'base64url')).entries()) {
    for (let bit = 0; bit < 8; bit++) if (((byte >> bit) & 1) === 1) revoked.push(i * 8 + bit);
  }
  return revoked;
}

describe('a resource server that checks status lists', () => {
  it('accepts a token until it is revoked, and refuses it within the lifetime of the list', async () => {
    const client = await registerClient(running);
    const [token, other] = [await client.token(), await client.token()];
    const resourceServer = startResourceServer(running, { now: () => now });
    expect([await resourceServer.judge(token), await resourceServer.judge(other)]).toEqual([200, 200]);
    await running.server.tokens.revoke({ token });
    now += 60_000;
    expect([await resourceServer.judge(token), await resourceServer.judge(other)]).toEqual([401, 200]);
  });

  it('refuses all tokens of a client that was disabled, and none of another', async () => {
    const [client, other] = [await registerClient(running), await registerClient(running)];
    const tokens: string[] = [];
    for (let i = 0; i < 100; i++) tokens.push(await client.token());
    const others = [await other.token(), await other.token()];
    const resourceServer = startResourceServer(running, { now: () => now });
    const judge = async (list: string[]) =>
      new Set(await Promise.all(list.map(async (one) => await resourceServer.judge(one))));
    expect(await judge([...tokens, ...others])).toEqual(new Set([200]));
    await running.server.clients.disable(client.clientId);
    now += 60_000;
    expect([await judge(tokens), await judge(others)]).toEqual([new Set([401]), new Set([200])]);
  });

  it('fetches the list once for all tokens of it, until it has to be renewed', async () => {
    const client = await registerClient(running);
    const resourceServer = startResourceServer(running, { now: () => now });
    for (let i = 0; i < 20; i++) await resourceServer.judge(await client.token());
    expect(resourceServer.fetched.filter((path) => path.startsWith('/status'))).toEqual(['/status/1']);
    now += 30_000;
    await resourceServer.judge(await client.token());
    expect(resourceServer.fetched.filter((path) => path.startsWith('/status'))).toHaveLength(2);
  });
});

describe('a status list', () => {
  it('has the bits of revoked tokens alone, among a million', async () => {
    const client = await registerClient(running);
    const tokens = [await client.token(), await client.token(), await client.token()] as const;
    const { uri } = placeOf(tokens[0]);
    expect(uri).toBe(`${running.issuer}/status/1`);
    expect(await readRevoked(uri)).toEqual([]);
    await running.server.tokens.revoke({ token: tokens[1] });
    expect(await readRevoked(uri)).toEqual([placeOf(tokens[1]).idx]);
    const { status_list: list } = decodeJwt<{ status_list: { lst: string } }>(
      await (await fetch(uri)).text(),
    );
    expect(inflateSync(Buffer.from(list.lst, 'base64url'))).toHaveLength(1_048_576 / 8);
  });

  it('says how long it may be used: by those that pass it on and those that use it, half of the lifetime each', async () => {
    await (await registerClient(running)).token();
    const response = await fetch(`${running.issuer}/status/1`);
    expect(response.headers.get('cache-control')).toBe('public, max-age=30');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    const claims = decodeJwt(await response.text());
    expect(claims).toMatchObject({ sub: `${running.issuer}/status/1`, ttl: 30, iat: Math.floor(now / 1000) });
    expect(claims.exp).toBe(Number(claims.iat) + 3660);
  });

  it('is answered 304 to who has it, and 200 once something was revoked or it was signed anew', async () => {
    const client = await registerClient(running);
    const token = await client.token();
    const url = `${running.issuer}/status/1`;
    const first = await fetch(url);
    const ask = async () =>
      (await fetch(url, { headers: { 'if-none-match': String(first.headers.get('etag')) } })).status;
    expect([first.status, await ask()]).toEqual([200, 304]);
    await running.server.tokens.revoke({ token });
    expect(await ask()).toBe(200);
    const second = await (await fetch(url)).text();
    expect(await (await fetch(url)).text()).toBe(second);
    now += 15_000;
    expect(await (await fetch(url)).text()).not.toBe(second);
  });

  it('is there under the path of the issuer, for GET and HEAD alone, and no other is', async () => {
    await running.stop();
    running = await startServer({ issuerPath: '/tenant', now: () => now });
    const { uri } = placeOf(await (await registerClient(running)).token());
    expect(uri).toBe(`${running.origin}/tenant/status/1`);
    const status = async (path: string, init: RequestInit = {}) =>
      (await fetch(running.origin + path, init)).status;
    expect(await status('/tenant/status/1')).toBe(200);
    expect(await status('/tenant/status/1', { method: 'HEAD' })).toBe(200);
    expect(await status('/tenant/status/1', { method: 'POST' })).toBe(405);
    for (const id of [
      '2',
      '0',
      '01',
      '-1',
      '1.0',
      '1e0',
      'x',
      '',
      '9999999999',
      '%31',
      '1/2',
      '2/1',
      '__proto__',
    ]) {
      expect([id, await status(`/tenant/status/${id}`)]).toEqual([id, 404]);
    }
  });

  it('is in the list of lists while tokens refer to it', async () => {
    const lists = async () => await (await fetch(`${running.issuer}/status`)).json();
    expect(await lists()).toEqual({ status_lists: [] });
    await (await registerClient(running)).token();
    expect(await lists()).toEqual({ status_lists: [`${running.issuer}/status/1`] });
    now += 2 * 3_600_000;
    expect(await lists()).toEqual({ status_lists: [] });
  });

  it('is signed with the new key at once when the one that signed it is retired', async () => {
    await (await registerClient(running)).token();
    const before = await (await fetch(`${running.issuer}/status/1`)).text();
    const [current] = await running.server.signingKeys.list();
    await running.server.signingKeys.retire(String(current?.keyId));
    expect(await (await fetch(`${running.issuer}/status/1`)).text()).not.toBe(before);
    expect(await readRevoked(`${running.issuer}/status/1`)).toEqual([]);
  });
});

describe('tokens.statusListFetches', () => {
  it('names the resource servers that authenticated, with what they saw and when', async () => {
    const [client, own] = [await registerClient(running), await registerResourceServer(running)];
    const [token, ownToken] = [await client.token(), await own.token()];
    const url = `${running.issuer}/status/1`;
    const authorized = async (text: string) => {
      const response = await fetch(url, { headers: { authorization: `Bearer ${text}` } });
      expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'private, max-age=30']);
    };
    await fetch(url);
    // None of these is a resource server's own token for its resource.
    for (const text of [token, 'rubbish', `${ownToken}x`]) await authorized(text);
    expect(await running.server.tokens.statusListFetches()).toEqual([]);

    await authorized(ownToken);
    const seen = { clientId: own.clientId, listId: 1, version: 1, fetchedAt: new Date(now).toISOString() };
    expect(await running.server.tokens.statusListFetches()).toEqual([{ ...seen, upToDate: true }]);
    await running.server.tokens.revoke({ token });
    expect(await running.server.tokens.statusListFetches()).toEqual([{ ...seen, upToDate: false }]);
    now += 1000;
    await authorized(ownToken);
    expect(await running.server.tokens.statusListFetches()).toEqual([
      { ...seen, version: 2, upToDate: true, fetchedAt: new Date(now).toISOString() },
    ]);
  });

  it('names nobody for a token that is revoked, expired or of a disabled client', async () => {
    const owns = [
      await registerResourceServer(running),
      await registerResourceServer(running),
      await registerResourceServer(running),
    ] as const;
    const tokens = [await owns[0].token(), await owns[1].token(), await owns[2].token()] as const;
    await running.server.tokens.revoke({ token: tokens[0] });
    await running.server.clients.disable(owns[1].clientId);
    const url = `${running.issuer}/status/1`;
    const fetchAs = async (token: string) =>
      await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    expect([(await fetchAs(tokens[0])).status, (await fetchAs(tokens[1])).status]).toEqual([200, 200]);
    now += 3_600_000;
    expect((await fetchAs(tokens[2])).status).toBe(200);
    expect(await running.server.tokens.statusListFetches()).toEqual([]);
  });

  it('sees a resource server of this project that fetches with its own token', async () => {
    const own = await registerResourceServer(running);
    const ownToken = await own.token();
    const resourceServer = startResourceServer(running, {
      now: () => now,
      resource: MCP,
      fetch: async (url, init) => {
        const headers = new Headers(init?.headers);
        if (url.includes('/status/')) headers.set('authorization', `Bearer ${ownToken}`);
        return await fetch(url, { ...init, headers });
      },
    });
    expect(await resourceServer.judge(await (await registerClient(running)).token())).toBe(200);
    expect(await running.server.tokens.statusListFetches()).toMatchObject([
      { clientId: own.clientId, listId: 1 },
    ]);
  });
});
