import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';

import { claimsFor, registerWithKey, requestWithAssertion, signAssertion } from '../assertion.ts';
import { GRANT, lastReason, OTHER_MCP, requestToken, startServer } from '../running-server.ts';
import { startServerForFile } from '../server-for-file.ts';
import { introspect, registerClient, registerResourceServer, revoke } from './tokens-of-clients.ts';

const running = await startServerForFile();
const resourceServer = await registerResourceServer(running);
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

async function isActive(token: string): Promise<unknown> {
  return (await introspect(running, token, resourceServer.headers)).body['active'];
}

describe('the revocation endpoint', () => {
  it('revokes the token of the client that asks, and no other', async () => {
    const client = await registerClient(running);
    const [token, other] = [await client.token(), await client.token()];
    const answer = await revoke(running, { token }, client.headers);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect([await isActive(token), await isActive(other)]).toEqual([false, true]);
    expect(running.events.at(-1)).toEqual({
      type: 'token_revoked',
      at: expect.any(Number),
      actor: client.clientId,
      clientId: client.clientId,
      tokenId: decodeJwt(token).jti,
      remoteAddress: '127.0.0.1',
    });
  });

  it('answers a repetition and a token it does not know with 200, whatever the hint', async () => {
    const client = await registerClient(running);
    const token = await client.token();
    for (const hint of ['access_token', 'refresh_token', 'anything', '']) {
      for (const text of [token, 'unknown', `${token}x`, 'a.b.c', 'x'.repeat(20_000)]) {
        const answer = await revoke(running, { token: text, token_type_hint: hint }, client.headers);
        expect([text.slice(0, 20), answer.status]).toEqual([text.slice(0, 20), 200]);
      }
    }
    expect(await isActive(token)).toBe(false);
    expect(running.events.filter(({ type }) => type === 'token_revoked')).toHaveLength(2);
  });

  it('leaves the token of another client alone, and says so', async () => {
    const [owner, thief] = [await registerClient(running), await registerClient(running)];
    const token = await owner.token();
    const answer = await revoke(running, { token }, thief.headers);
    expect([answer.status, answer.body['error']]).toEqual([400, 'unauthorized_client']);
    expect(running.events.at(-1)).toMatchObject({
      type: 'request_refused',
      endpoint: 'revocation',
      clientId: thief.clientId,
      reason: 'token_of_another_client',
    });
    expect(await isActive(token)).toBe(true);
  });

  it('needs a token, and only one', async () => {
    const { headers } = await registerClient(running);
    for (const parameters of [
      [],
      [['token', '']],
      [
        ['token', 'a'],
        ['token', 'b'],
      ],
    ] as [string, string][][]) {
      const answer = await revoke(running, parameters, headers);
      expect([parameters, answer.status, answer.body['error']]).toEqual([parameters, 400, 'invalid_request']);
    }
  });

  it('A5, A6: refuses a wrong secret and an unknown client alike, with the same words as the token endpoint', async () => {
    const { clientId } = await registerClient(running);
    const wrong = { client_id: clientId, client_secret: 'wrong' };
    const unknown = { client_id: 'nobody', client_secret: 'wrong' };
    const answers = [
      await revoke(running, { ...wrong, token: 'a' }),
      await revoke(running, { ...unknown, token: 'a' }),
      await requestToken(running, { ...GRANT, ...wrong }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(new Set(answers.map(({ headers }) => headers.get('www-authenticate'))).size).toBe(1);
  });

  it('A15: refuses an assertion that was used there, at the token endpoint too', async () => {
    const signer = await registerWithKey(running, 'signer-revoking');
    const assertion = await signAssertion(signer.privateKey, claimsFor(signer, running));
    const form = { token: 'a', client_assertion_type: ASSERTION_TYPE, client_assertion: assertion };
    expect((await revoke(running, form)).status).toBe(200);
    expect((await revoke(running, form)).status).toBe(401);
    expect((await requestWithAssertion(running, assertion)).status).toBe(401);
    expect(lastReason(running)).toBe('assertion_replayed');
  });

  it('A17: refuses an assertion for its own address: the issuer is the only audience', async () => {
    const signer = await registerWithKey(running, 'signer-for-revocation');
    for (const aud of [
      `${running.issuer}/revoke`,
      `${running.issuer}/token`,
      [running.issuer, 'https://evil.example'],
    ]) {
      const assertion = await signAssertion(signer.privateKey, claimsFor(signer, running, { aud }));
      const answer = await revoke(running, {
        token: 'a',
        client_assertion_type: ASSERTION_TYPE,
        client_assertion: assertion,
      });
      expect([aud, answer.status]).toEqual([aud, 401]);
    }
  });

  it('A7, A8: refuses other methods and other forms', async () => {
    const { headers } = await registerClient(running);
    const url = `${running.issuer}/revoke`;
    expect((await fetch(url)).status).toBe(405);
    const json = { ...headers, 'content-type': 'application/json' };
    expect((await fetch(url, { method: 'POST', headers: json, body: '{"token":"a"}' })).status).toBe(400);
    expect(running.events.at(-1)).toMatchObject({ type: 'request_refused', endpoint: 'revocation' });
  });

  it('is no grant: naming it at the token endpoint, or a grant here, changes nothing', async () => {
    const client = await registerClient(running);
    const token = await client.token();
    for (const grant_type of ['revocation', 'introspection']) {
      for (const headers of [client.headers, resourceServer.headers]) {
        const answer = await requestToken(running, { grant_type, token }, headers);
        expect([answer.status, answer.body['error']]).toEqual([400, 'unsupported_grant_type']);
      }
    }
    expect(await isActive(token)).toBe(true);
    const answer = await revoke(running, { ...GRANT, token: 'unknown' }, client.headers);
    expect([answer.status, answer.text]).toEqual([200, '{}']);
  });

  it('is throttled like the token endpoint, together with it', async () => {
    const strict = await startServer({ throttling: { failuresPerClient: 3 } });
    try {
      const { clientId, secret } = await registerClient(strict);
      const guess = { client_id: clientId, client_secret: 'guess' };
      const statuses: number[] = [];
      for (let i = 0; i < 4; i++) statuses.push((await revoke(strict, { ...guess, token: 'a' })).status);
      expect(statuses).toEqual([401, 401, 401, 429]);
      const right = { ...GRANT, client_id: clientId, client_secret: secret };
      expect((await requestToken(strict, right)).status).toBe(429);
    } finally {
      await strict.stop();
    }
  });
});

describe('tokens.revoke', () => {
  it('revokes by the id that events name, and by the token itself', async () => {
    const client = await registerClient(running);
    const tokens = [await client.token(), await client.token(), await client.token()] as const;
    const tokenId = String(decodeJwt(tokens[0]).jti);
    expect(running.events).toContainEqual(expect.objectContaining({ type: 'token_issued', tokenId }));
    const by = { actor: 'admin-1', address: '203.0.113.1' };
    const { clientId } = client;
    expect(await running.server.tokens.revoke({ tokenId }, by)).toEqual({ tokenId, clientId });
    expect(running.events.at(-1)).toMatchObject({
      type: 'token_revoked',
      actor: 'admin-1',
      remoteAddress: '203.0.113.1',
      clientId,
      tokenId,
    });
    await running.server.tokens.revoke({ token: tokens[1] });
    await running.server.tokens.revoke({ token: tokens[1] });
    expect(await Promise.all(tokens.map(isActive))).toEqual([false, false, true]);
  });

  it('finds nothing for what is no living token of this server', async () => {
    const other = await startServer();
    try {
      const foreign = await (await registerClient(other)).token();
      for (const options of [
        { tokenId: 'unknown' },
        { tokenId: `${'x'.repeat(21)}.1.1000000` },
        { tokenId: `${'x'.repeat(21)}.999999999.0` },
        { tokenId: `${'x'.repeat(21)}.1.99999999999` },
        { token: 'a.b.c' },
        { token: foreign },
      ]) {
        await expect(running.server.tokens.revoke(options)).rejects.toMatchObject({ code: 'not_found' });
      }
    } finally {
      await other.stop();
    }
  });

  it.each([[{}], [{ tokenId: 'a', token: 'b' }], [{ tokenId: 1 }], [{ token: null }], [{ id: 'a' }]])(
    'refuses %j',
    async (options) => {
      await expect(running.server.tokens.revoke(options as never)).rejects.toThrow(TypeError);
    },
  );
});

describe('a client that is disabled or deleted', () => {
  it.each(['disable', 'delete'] as const)('loses all tokens: %s', async (act) => {
    const [client, other] = [await registerClient(running), await registerClient(running)];
    const tokens: string[] = [];
    for (let i = 0; i < 30; i++) tokens.push(await client.token());
    const others = await other.token();
    await running.server.clients[act](client.clientId);
    expect(new Set(await Promise.all(tokens.map(isActive)))).toEqual(new Set([false]));
    expect(await isActive(others)).toBe(true);
  });

  it('does not get them back when it is enabled, and gets new ones', async () => {
    const client = await registerClient(running, [OTHER_MCP]);
    const own = await registerResourceServer(running, [OTHER_MCP]);
    const active = async (token: string) => (await introspect(running, token, own.headers)).body['active'];
    const before = await client.token();
    await running.server.clients.disable(client.clientId);
    await running.server.clients.enable(client.clientId);
    const after = await client.token();
    expect([await active(before), await active(after)]).toEqual([false, true]);
  });

  it('gets no token for requests that race with it', async () => {
    const client = await registerClient(running);
    const requests = Array.from({ length: 40 }, async () => await client.token().catch(() => undefined));
    const disabled = running.server.clients.disable(client.clientId);
    const issued = (await Promise.all(requests)).filter((token) => token !== undefined);
    await disabled;
    for (const token of issued) expect(await isActive(token)).toBe(false);
  });
});
