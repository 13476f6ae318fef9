import { createSigningKey } from '@mcp-m2m/testing';
import { describe, expect, it } from 'vitest';

import { claimsFor, generateSigningClient, registerWithKey, signAssertion } from '../assertion.ts';
import { basic, GRANT, lastReason, MCP, registerWithSecret, requestToken } from '../running-server.ts';
import { startServerForFile } from '../server-for-file.ts';
import {
  bear,
  claimsOf,
  CLIENT_ASSERTION,
  JWT_BEARER,
  registerWorkload,
  startIssuer,
  SUBJECT,
  trustIssuer,
  trustSubject,
  workloadToken,
} from './scene.ts';

const running = await startServerForFile();
const issuer = await startIssuer();
await registerWorkload(running, 'ci-deployer');
await trustSubject(running, issuer, 'ci-deployer');
const token = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
  workloadToken(issuer, running, claims, header);

describe('the token of a workload', () => {
  it('gets an access token for the client of its rule, whether or not the request names it', async () => {
    for (const parameters of [{}, { client_id: 'ci-deployer' }, { client_id: '' }]) {
      const answer = await bear(running, token(), { scope: 'deploy:read', ...parameters });
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ token_type: 'Bearer', scope: 'deploy:read', expires_in: 300 });
      expect(answer.body).not.toHaveProperty('refresh_token');
      expect(claimsOf(answer)).toMatchObject({
        iss: running.issuer,
        aud: MCP,
        sub: 'ci-deployer',
        client_id: 'ci-deployer',
      });
    }
    expect(running.events.at(-1)).toMatchObject({ type: 'token_issued', clientId: 'ci-deployer' });
    expect(await running.server.clients.get('ci-deployer')).toMatchObject({ lastUsedAt: expect.any(String) });
  });

  it('is accepted again until it expires, as a projected token is, unless the issuer is set to single use', async () => {
    const again = token();
    expect((await bear(running, again)).status).toBe(200);
    expect((await bear(running, again)).status).toBe(200);

    const once = await startIssuer();
    await trustIssuer(running, once, 'workload', true);
    await registerWorkload(running, 'once');
    await trustSubject(running, once, 'once');
    for (const claims of [{ jti: 'the-id' }, {}]) {
      const single = workloadToken(once, running, claims);
      const answers = await Promise.all(Array.from({ length: 10 }, async () => await bear(running, single)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(lastReason(running)).toBe('assertion_replayed');
    }
    // A scope that is mistyped does not use it up.
    const mended = workloadToken(once, running, { jti: 'mended' });
    expect((await bear(running, mended, { scope: 'deploy:raed' })).body['error']).toBe('invalid_scope');
    expect((await bear(running, mended)).status).toBe(200);
  });

  it.each([
    ['another subject', { sub: 'repo:octo-org/other:ref:refs/heads/main' }, {}, 'trust_rule_not_matched'],
    ['a subject in another case', { sub: SUBJECT.toUpperCase() }, {}, 'trust_rule_not_matched'],
    ['a longer subject', { sub: `${SUBJECT}-2` }, {}, 'trust_rule_not_matched'],
    ['no subject', { sub: undefined }, {}, 'assertion_claim_missing'],
    ['a subject that is an array', { sub: [SUBJECT] }, {}, 'assertion_claim_missing'],
    ['A17: another audience', { aud: 'https://evil.example.com' }, {}, 'assertion_audience_not_issuer'],
    ['no audience', { aud: undefined }, {}, 'assertion_audience_not_issuer'],
    ['A19: an expiry in the past', { exp: 1000 }, {}, 'assertion_expired'],
    ['A20: no expiry', { exp: undefined }, {}, 'assertion_claim_missing'],
    ['an expiry that is a text', { exp: '4000000000' }, {}, 'assertion_claim_missing'],
    ['an expiry in years', { exp: 4_000_000_000 }, {}, 'assertion_lifetime_too_long'],
    ['A22: a time of issue in the future', { iat: 4_000_000_000 - 100 }, {}, 'assertion_not_yet_valid'],
    ['a start in the future', { nbf: 3_999_999_999 }, {}, 'assertion_not_yet_valid'],
    ['the type of an access token (A30)', {}, { typ: 'at+jwt' }, 'assertion_type_not_allowed'],
    ['the type of an ID-JAG', {}, { typ: 'oauth-id-jag+jwt' }, 'assertion_type_not_allowed'],
    ['the type of a proof', {}, { typ: 'dpop+jwt' }, 'assertion_type_not_allowed'],
    ['a critical header', {}, { crit: ['exp'], exp: 1 }, 'assertion_malformed'],
    ['A28: no algorithm', {}, { alg: 'none' }, 'assertion_algorithm_not_allowed'],
    ['A25: an HMAC for its algorithm', {}, { alg: 'HS256' }, 'assertion_algorithm_not_allowed'],
    ['an unknown key id', {}, { kid: 'unknown' }, 'assertion_key_unknown'],
    ['another issuer', { iss: 'https://token.example.com' }, {}, 'assertion_issuer_unknown'],
    ['an issuer with a slash', { iss: `${issuer.issuer}/` }, {}, 'assertion_issuer_unknown'],
    ['no issuer', { iss: undefined }, {}, 'assertion_issuer_unknown'],
  ])('with %s is refused', async (_name, claims, header, reason) => {
    const answer = await bear(running, token(claims, header), { client_id: 'ci-deployer' });
    expect([answer.status, answer.body['error'], lastReason(running)]).toEqual([
      400,
      'invalid_grant',
      reason,
    ]);
    expect(answer.text).not.toContain('octo-org');
  });

  it('A17: with an audience beside this server is refused, and as an array of one is accepted', async () => {
    const both = await bear(running, token({ aud: [running.issuer, 'https://evil.example.com'] }));
    expect(both.body['error']).toBe('invalid_grant');
    expect(String(both.body['error_description'])).toContain(running.issuer);
    expect((await bear(running, token({ aud: [running.issuer] }))).status).toBe(200);
  });

  it('A24: signed by somebody else under the key id of the issuer is refused', async () => {
    const stranger = await createSigningKey('ES256', issuer.signingKey.keyId);
    const forged = issuer.mintRaw(
      {
        header: { alg: 'ES256', kid: issuer.signingKey.keyId },
        payload: {
          iss: issuer.issuer,
          sub: SUBJECT,
          aud: running.issuer,
          exp: Math.floor(Date.now() / 1000) + 60,
        },
      },
      { key: stranger },
    );
    expect((await bear(running, forged)).body['error']).toBe('invalid_grant');
    expect(lastReason(running)).toBe('assertion_signature_invalid');
  });

  it('tells the operator what was expected and received, and the sender nothing of the rules', async () => {
    const answer = await bear(running, token({ sub: 'repo:evil/app:ref:refs/heads/main' }));
    const event = running.events.findLast(({ type }) => type === 'token_refused');
    expect(event).toMatchObject({ detail: expect.stringContaining(SUBJECT) });
    expect(event).toMatchObject({ detail: expect.stringContaining('repo:evil/app') });
    expect(String(answer.body['error_description'])).toContain('dry run');
    expect(answer.text).not.toContain('octo-org');
  });

  it('says as much for a client that exists as for one that does not', async () => {
    const answers = [];
    for (const clientId of ['ci-deployer', 'unknown', 'signer-that-exists'])
      answers.push(await bear(running, token({ iss: 'https://token.example.com' }), { client_id: clientId }));
    expect(new Set(answers.map(({ text, status }) => `${status} ${text}`)).size).toBe(1);
  });

  it('does not stand for a client of another rule, or none', async () => {
    await registerWorkload(running, 'other');
    await trustSubject(running, issuer, 'other', [{ claim: 'sub', equals: 'repo:octo-org/other:x' }]);
    const secret = await registerWithSecret(running, 'with-secret');
    await running.server.clients.update('with-secret', { grantTypes: ['client_credentials', JWT_BEARER] });
    for (const answer of [
      await bear(running, token(), { client_id: 'other' }),
      await bear(running, token(), { client_id: 'with-secret' }),
      await bear(running, token(), { client_id: 'unknown' }),
      await bear(running, token(), { client_id: 'with-secret', client_secret: secret }),
    ]) {
      expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_grant']);
      expect(lastReason(running)).toBe('assertion_of_another_client');
    }
  });

  it('that stands for two clients needs the name of one', async () => {
    await registerWorkload(running, 'twin');
    await trustSubject(running, issuer, 'twin');
    const ambiguous = await bear(running, token());
    expect([ambiguous.body['error'], lastReason(running)]).toEqual(['invalid_request', 'client_ambiguous']);
    for (const clientId of ['twin', 'ci-deployer'])
      expect(claimsOf(await bear(running, token(), { client_id: clientId }))['sub']).toBe(clientId);
    await running.server.clients.delete('twin');
  });

  it('is held to what its client may: disabled, another grant, another resource', async () => {
    await registerWorkload(running, 'held');
    const sub = 'repo:octo-org/held:ref:refs/heads/main';
    await trustSubject(running, issuer, 'held', [{ claim: 'sub', equals: sub }]);
    const asHeld = async (parameters = {}) => await bear(running, token({ sub }), parameters);
    expect((await asHeld({ resource: 'https://other.example.com/mcp' })).body['error']).toBe(
      'invalid_target',
    );
    await running.server.clients.update('held', { grantTypes: ['client_credentials'] });
    expect((await asHeld()).body['error']).toBe('unauthorized_client');
    await running.server.clients.update('held', { grantTypes: [JWT_BEARER] });
    await running.server.clients.disable('held');
    expect((await asHeld()).body['error']).toBe('invalid_client');
    expect(lastReason(running)).toBe('client_disabled');
    await running.server.clients.enable('held');
    expect((await asHeld()).status).toBe(200);
    await running.server.clients.delete('held');
    expect((await asHeld()).body['error']).toBe('invalid_grant');
  });

  it('is no credential for another grant, or another endpoint', async () => {
    await registerWorkload(running, 'elsewhere', [JWT_BEARER, 'client_credentials']);
    const sub = 'repo:octo-org/elsewhere:x';
    await trustSubject(running, issuer, 'elsewhere', [{ claim: 'sub', equals: sub }]);
    const assertion = token({ sub });
    for (const answer of [
      await requestToken(running, { ...GRANT, assertion, client_id: 'elsewhere' }),
      await requestToken(running, { ...GRANT, client_id: 'elsewhere' }),
      await requestToken(running, [
        ['grant_type', JWT_BEARER],
        ['grant_type', 'client_credentials'],
        ['assertion', assertion],
        ['client_id', 'elsewhere'],
      ]),
      await requestToken(running, [
        ['grant_type', JWT_BEARER],
        ['assertion', assertion],
        ['assertion', assertion],
        ['client_id', 'elsewhere'],
      ]),
      await requestToken(running, { grant_type: JWT_BEARER, client_id: 'elsewhere' }),
    ]) {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.body).not.toHaveProperty('access_token');
    }
    const ofIntrospection = async (more: Record<string, string>) =>
      await fetch(`${running.issuer}/introspect`, {
        method: 'POST',
        body: new URLSearchParams({ token: 'x', grant_type: JWT_BEARER, client_id: 'elsewhere', ...more }),
      });
    expect((await ofIntrospection({ assertion })).status).toBe(401);
    const own = await registerWithKey(running, 'of-introspection');
    await running.server.clients.update('of-introspection', { grantTypes: [JWT_BEARER] });
    const ofItsOwn = await signAssertion(own.privateKey, claimsFor(own, running));
    expect((await ofIntrospection({ assertion: ofItsOwn, client_id: 'of-introspection' })).status).toBe(401);
  });

  it('authenticates its client in place of an assertion of its own', async () => {
    await registerWorkload(running, 'federated', ['client_credentials']);
    const sub = 'repo:octo-org/federated:x';
    await trustSubject(running, issuer, 'federated', [{ claim: 'sub', equals: sub }]);
    const ask = async (assertion: string, parameters: Record<string, string> = {}) =>
      await requestToken(running, {
        ...GRANT,
        client_assertion_type: CLIENT_ASSERTION,
        client_assertion: assertion,
        ...parameters,
      });
    const answer = await ask(token({ sub }), { client_id: 'federated' });
    expect([answer.status, claimsOf(answer)['client_id']]).toEqual([200, 'federated']);
    expect((await ask(token({ sub }))).status).toBe(200);
    for (const [assertion, parameters] of [
      [token({ sub: 'repo:evil/app:x' }), { client_id: 'federated' }],
      [token({ sub }), { client_id: 'ci-deployer' }],
      [token({ sub, aud: 'https://evil.example.com' }), { client_id: 'federated' }],
    ] as const) {
      const refused = await ask(assertion, parameters);
      expect([refused.status, refused.body['error']]).toEqual([401, 'invalid_client']);
    }
    expect((await ask(token({ sub }), { client_id: 'federated', client_secret: 'x' })).status).toBe(400);

    const once = await startIssuer();
    await trustIssuer(running, once, 'workload', true);
    await trustSubject(running, once, 'federated');
    const single = workloadToken(once, running, { jti: 'single' });
    const answers = await Promise.all(Array.from({ length: 10 }, async () => await ask(single)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(9);
  });

  it('whose issuer is down is answered 503 with Retry-After, and accepted once it is back', async () => {
    const down = await startIssuer();
    await registerWorkload(running, 'down');
    await trustSubject(running, down, 'down');
    const waiting = workloadToken(down, running);
    down.goDown();
    const answer = await bear(running, waiting);
    expect([answer.status, answer.body['error'], lastReason(running)]).toEqual([
      503,
      'temporarily_unavailable',
      'assertion_issuer_unavailable',
    ]);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(String(answer.body['error_description'])).toContain('try again');
    down.comeBack();
    await expect.poll(async () => (await bear(running, waiting)).status, { timeout: 15_000 }).toBe(200);
    // Once its keys are known, an outage is not noticed.
    down.goDown();
    expect((await bear(running, waiting)).status).toBe(200);
  });
});

describe("a client's own assertion as the grant", () => {
  const register = async (clientId: string) => {
    const client = await registerWithKey(running, clientId);
    await running.server.clients.update(clientId, { grantTypes: [JWT_BEARER, 'client_credentials'] });
    return client;
  };

  it('gets a token, with or without the name of its client, and with its own credential besides', async () => {
    const client = await register('own-key');
    const sign = async () => await signAssertion(client.privateKey, claimsFor(client, running));
    for (const parameters of [
      {},
      { client_id: 'own-key' },
      { client_assertion_type: CLIENT_ASSERTION, client_assertion: await sign() },
    ]) {
      const answer = await bear(running, await sign(), parameters);
      expect([answer.status, claimsOf(answer)['sub']]).toEqual([200, 'own-key']);
    }
  });

  it.each([
    ['another key', {}, 'assertion_signature_invalid'],
    ['A19: an expiry in the past', { exp: 1000, iat: 900 }, 'assertion_expired'],
    ['A20: no expiry', { exp: undefined }, 'assertion_claim_missing'],
    ['A20: no id', { jti: undefined }, 'assertion_claim_missing'],
    ['A22: a time of issue in the future', { iat: 4_000_000_000 }, 'assertion_issued_in_future'],
    ['a start in the future', { nbf: 4_000_000_000 }, 'assertion_not_yet_valid'],
    ['A17: another audience', { aud: 'https://evil.example.com' }, 'assertion_audience_not_issuer'],
    [
      'the token endpoint for its audience',
      { aud: `${running.issuer}/token` },
      'assertion_audience_token_endpoint',
    ],
    [
      'a lifetime of a year',
      { exp: Math.floor(Date.now() / 1000) + 31_536_000 },
      'assertion_lifetime_too_long',
    ],
  ])('with %s is refused', async (name, changes, reason) => {
    const clientId = `own-${name.replace(/\W+/g, '-')}`;
    const client = await register(clientId);
    const key = name === 'another key' ? generateSigningClient(clientId).privateKey : client.privateKey;
    const answer = await bear(running, await signAssertion(key, claimsFor(client, running, changes)));
    expect([answer.status, answer.body['error'], lastReason(running)]).toEqual([
      400,
      'invalid_grant',
      reason,
    ]);
  });

  it('A15: is used once, also when it has authenticated the client before, or does so afterwards', async () => {
    const client = await register('used-once');
    const sign = async () => await signAssertion(client.privateKey, claimsFor(client, running));
    const first = await sign();
    const answers = await Promise.all(Array.from({ length: 20 }, async () => await bear(running, first)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const credential = { ...GRANT, client_assertion_type: CLIENT_ASSERTION };
    expect((await requestToken(running, { ...credential, client_assertion: first })).status).toBe(401);
    const second = await sign();
    expect((await requestToken(running, { ...credential, client_assertion: second })).status).toBe(200);
    expect((await bear(running, second)).body['error']).toBe('invalid_grant');
    expect(lastReason(running)).toBe('assertion_replayed');
  });

  it('of a client that does not exist is answered like one with a wrong signature', async () => {
    const client = await register('exists');
    const stranger = generateSigningClient('exists');
    const nobody = generateSigningClient('does-not-exist');
    const wrong = await bear(running, await signAssertion(stranger.privateKey, claimsFor(client, running)));
    const unknown = await bear(running, await signAssertion(nobody.privateKey, claimsFor(nobody, running)));
    expect([wrong.status, wrong.text]).toEqual([unknown.status, unknown.text]);
  });

  it('does not stand for another client that authenticates', async () => {
    const client = await register('one-of-two');
    const secret = await registerWithSecret(running, 'two-of-two');
    await running.server.clients.update('two-of-two', { grantTypes: [JWT_BEARER] });
    const assertion = await signAssertion(client.privateKey, claimsFor(client, running));
    const answer = await bear(running, assertion, {}, basic('two-of-two', secret));
    expect([answer.body['error'], lastReason(running)]).toEqual([
      'invalid_grant',
      'assertion_of_another_client',
    ]);
  });

  it('made with a key that has expired is refused', async () => {
    const client = await register('expired-key');
    const { keys } = running.server.clients;
    const [key] = await keys.list('expired-key');
    await keys.update('expired-key', key?.id as string, {
      expiresAt: new Date(Date.now() + 1000).toISOString(),
    });
    const sign = async () => await signAssertion(client.privateKey, claimsFor(client, running));
    await expect.poll(async () => (await bear(running, await sign())).status, { timeout: 10_000 }).toBe(400);
    expect(lastReason(running)).toBe('key_expired');
  });

  it('is refused for a client that is not registered for the grant', async () => {
    const client = await registerWithKey(running, 'not-registered');
    const answer = await bear(running, await signAssertion(client.privateKey, claimsFor(client, running)));
    expect([answer.body['error'], lastReason(running)]).toEqual([
      'unauthorized_client',
      'grant_type_not_registered',
    ]);
  });
});
