import type { RefusalReason } from '@mcp-m2m/express';
import { createTestAuthority, parseChallenges, type TestAuthority, type TokenClaims } from '@mcp-m2m/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  expectInvalidToken,
  expectRefusal,
  METADATA_URL,
  RESOURCE,
  send,
  startProtectedApp,
  toolCall,
  type ProtectedApp,
} from '../protected-app.ts';
import { createDpopClient, sendProof } from './dpop-requests.ts';

let authority: TestAuthority;
let other: TestAuthority;
let app: ProtectedApp;

beforeAll(async () => {
  authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
  other = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
  app = await startProtectedApp({
    authorizationServers: [authority.issuer, other.issuer],
    now: authority.now,
  });
  await app.auth.preload();
});

beforeEach(() => {
  app.callers.length = 0;
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await authority.close();
  await other.close();
});

const nowSeconds = (): number => Math.floor(authority.now() / 1000);
/** Claims as text that `JSON.stringify` would not write, such as 1e400. */
const mintWithNumber = (claim: string, number: string): string => {
  const { keyId } = authority.signingKey;
  const [, payload = ''] = authority.mint({ [claim]: '#' }).split('.');
  const text = Buffer.from(payload, 'base64url').toString().replace('"#"', number);
  return authority.mintRaw({ header: { alg: 'ES256', typ: 'at+jwt', kid: keyId }, payload: text });
};

type Row = readonly [name: string, reason: RefusalReason, claims: TokenClaims | (() => TokenClaims)];

const AUDIENCE = 'audience_mismatch';
const INVALID = 'claim_invalid';
const MISSING = 'claim_missing';
const UNMET = 'sender_constraint_unmet';

const ROWS: readonly Row[] = [
  ['C3: audience with something behind it', AUDIENCE, { aud: `${RESOURCE}2` }],
  ['C3: audience of a path beneath', AUDIENCE, { aud: `${RESOURCE}/admin` }],
  ['C4: audience with a trailing slash', AUDIENCE, { aud: `${RESOURCE}/` }],
  ['C5: audience with the host in upper case', AUDIENCE, { aud: 'https://MCP.example.com/mcp' }],
  ['C6: audience with the default port', AUDIENCE, { aud: 'https://mcp.example.com:443/mcp' }],
  ['C9: audience of the parent path', AUDIENCE, { aud: 'https://mcp.example.com' }],
  ['C9: audience of the parent path with a slash', AUDIENCE, { aud: 'https://mcp.example.com/' }],
  ['C10: audience with http', AUDIENCE, { aud: 'http://mcp.example.com/mcp' }],
  ['C11: audience missing', MISSING, { aud: undefined }],
  ['C11: audience null', INVALID, { aud: null }],
  ['C11: audience an empty list', INVALID, { aud: [] }],
  ['C11: audience an object', INVALID, { aud: { 0: RESOURCE } }],
  ['C11: audience a list in a list', INVALID, { aud: [[RESOURCE]] }],
  ['C11: audience a list with something that is no text', INVALID, { aud: [RESOURCE, 7] }],
  ['C11: audience two identifiers in one text', AUDIENCE, { aud: `${RESOURCE} https://other.example` }],
  ['C13: issuer a list', 'issuer_unknown', () => ({ iss: [authority.issuer] })],
  ['C13: issuer missing', 'issuer_unknown', { iss: undefined }],
  ['C13: issuer with a trailing slash', 'issuer_unknown', () => ({ iss: `${authority.issuer}/` })],
  ['C13: issuer in upper case', 'issuer_unknown', () => ({ iss: authority.issuer.toUpperCase() })],
  ['C13: issuer that nobody configured', 'issuer_unknown', { iss: 'https://evil.example' }],
  ['C13: issuer __proto__', 'issuer_unknown', { iss: '__proto__' }],
  ['C15: exp missing', MISSING, { exp: undefined }],
  ['C16: exp a text', INVALID, () => ({ exp: String(nowSeconds() + 300) })],
  ['C16: exp null', INVALID, { exp: null }],
  ['C16: exp a list', INVALID, () => ({ exp: [nowSeconds() + 300] })],
  ['C16: exp true', INVALID, { exp: true }],
  ['C17: exp negative', INVALID, { exp: -1 }],
  ['C17: exp zero', 'token_expired', { exp: 0 }],
  ['C17: exp past by more than the tolerance', 'token_expired', () => ({ exp: nowSeconds() - 31 })],
  ['C19: exp in milliseconds', INVALID, () => ({ exp: authority.now() + 300_000 })],
  ['C19: iat in milliseconds', INVALID, () => ({ iat: authority.now() })],
  ['C20: nbf in the future', 'token_not_yet_valid', () => ({ nbf: nowSeconds() + 90 })],
  ['C20: iat in the future', 'token_not_yet_valid', () => ({ iat: nowSeconds() + 90 })],
  ['C21: nbf a text', INVALID, () => ({ nbf: String(nowSeconds()) })],
  ['C21: nbf null', INVALID, { nbf: null }],
  ['C24: client_id missing', MISSING, { client_id: undefined }],
  ['C24: client_id empty', INVALID, { client_id: '' }],
  ['C24: client_id a list', INVALID, { client_id: ['test-client'] }],
  ['C24: jti missing', MISSING, { jti: undefined }],
  ['C24: iat missing', MISSING, { iat: undefined }],
  ['C26: sub missing', MISSING, { sub: undefined }],
  ['C26: sub empty', INVALID, { sub: '' }],
  ['C26: sub a number', INVALID, { sub: 7 }],
  ['C29: scope a number', INVALID, { scope: 7 }],
  ['C29: scope an object', INVALID, { scope: { 'deploy:read': true } }],
  ['C29: scope null', INVALID, { scope: null }],
  ['C29: scope with a line break', INVALID, { scope: 'deploy:read\ndeploy:write' }],
  ['C30: scope a list, which no RFC 9068 token has', INVALID, { scope: ['deploy:read'] }],
  ['C35: token bound to nothing that is known', UNMET, { cnf: {} }],
  ['C35: confirmation null', INVALID, { cnf: null }],
  ['C36: token bound to a client certificate', UNMET, { cnf: { 'x5t#S256': 'x'.repeat(43) } }],
];

describe('claims that do not make an access token for this resource', () => {
  it.each(ROWS)('%s', async (_, reason, claims) => {
    const token = authority.mint(typeof claims === 'function' ? claims() : claims);
    await expectInvalidToken(app, await send(app, `Bearer ${token}`), reason);
  });

  it.each([
    ['C15: exp 1e400', 'exp', '1e400'],
    ['C23: iat 1e400', 'iat', '1e400'],
    ['C23: iat -1e400', 'iat', '-1e400'],
    ['C23: a number that is not finite in a claim nobody reads', 'extra', '[1e999]'],
  ])('%s', async (_, claim, number) => {
    const response = await send(app, `Bearer ${mintWithNumber(claim, number)}`);
    await expectInvalidToken(app, response, 'token_malformed');
  });

  it('C14: a token of one issuer signed by another with its own key id', async () => {
    const token = other.mint({ iss: authority.issuer });
    await expectInvalidToken(app, await send(app, `Bearer ${token}`), 'key_unknown');
  });

  it('C14: a token of one issuer signed by another under the first one’s key id', async () => {
    const token = other.mint({ iss: authority.issuer }, { header: { kid: authority.signingKey.keyId } });
    await expectInvalidToken(app, await send(app, `Bearer ${token}`), 'signature_invalid');
  });

  it('C14: another issuer that publishes our issuer’s key id gains nothing for our issuer', async () => {
    const rogue = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
    const { keyId } = authority.signingKey;
    rogue.publishKeys({ keys: [{ ...rogue.signingKey.publicJwk, kid: keyId }] });
    const twoIssuers = { authorizationServers: [authority.issuer, rogue.issuer], now: authority.now };
    await using both = await startProtectedApp(twoIssuers);
    const own = rogue.mint({}, { header: { kid: keyId } });
    expect((await send(both, `Bearer ${own}`)).status).toBe(200);
    both.callers.length = 0;
    const alien = rogue.mint({ iss: authority.issuer }, { header: { kid: keyId } });
    await expectInvalidToken(both, await send(both, `Bearer ${alien}`), 'signature_invalid');
    await rogue.close();
  });

  it.each([
    ['a token bound to a DPoP key, as Bearer', 'Bearer', { cnf: { jkt: 'x'.repeat(43) } }],
    ['an unbound token with the scheme DPoP', 'DPoP', {}],
  ])('C35: %s', async (_, scheme, claims) => {
    const response = await send(app, `${scheme} ${authority.mint(claims)}`);
    const reason = 'sender_constraint_unmet';
    await expectRefusal(app, response, { status: 401, error: 'invalid_token', reason, scheme: 'DPoP' });
  });

  it('C35: a token bound to a DPoP key is served with a proof by that key', async () => {
    const client = await createDpopClient(authority);
    expect((await sendProof(app, client, client.prove())).status).toBe(200);
    expect(app.callers).toHaveLength(1);
  });

  it('C35: a token bound to a DPoP key, where DPoP is switched off', async () => {
    const withoutDpop = {
      authorizationServers: [authority.issuer],
      now: authority.now,
      dpop: false,
    } as const;
    await using bearerOnly = await startProtectedApp(withoutDpop);
    for (const scheme of ['Bearer', 'DPoP']) {
      const token = authority.mint({ cnf: { jkt: 'x'.repeat(43) } });
      const response = await send(bearerOnly, `${scheme} ${token}`);
      expect(response.status).toBe(401);
      expect(bearerOnly.decisions.at(-1)?.reason).toBe('sender_constraint_unmet');
    }
    expect(bearerOnly.callers).toEqual([]);
  });

  it('C1: our audience among others, where it has to be the only one', async () => {
    const strict = { issuer: authority.issuer, audience: { exclusive: true } };
    await using exclusive = await startProtectedApp({ authorizationServers: [strict], now: authority.now });
    const shared = authority.mint({ aud: [RESOURCE, 'https://other.example'] });
    await expectInvalidToken(exclusive, await send(exclusive, `Bearer ${shared}`), 'audience_mismatch');
    expect((await send(exclusive, `Bearer ${authority.mint()}`)).status).toBe(200);
  });

  it('C38: a token that was accepted is refused once it has expired', async () => {
    // A clock that moves only when it is told to: the last second before the end is one to be served in.
    const startedAt = Date.now();
    await using still = await createTestAuthority({
      audience: RESOURCE,
      scope: 'deploy:read',
      now: () => startedAt,
    });
    await using timed = await startProtectedApp({ authorizationServers: [still.issuer], now: still.now });
    const token = still.mint({}, { expiresInSeconds: 60 });
    expect((await send(timed, `Bearer ${token}`)).status).toBe(200);
    still.advanceSeconds(89);
    expect((await send(timed, `Bearer ${token}`)).status).toBe(200);
    timed.callers.length = 0;
    still.advanceSeconds(2);
    await expectInvalidToken(timed, await send(timed, `Bearer ${token}`), 'token_expired');
  });
});

describe('claims that say who calls', () => {
  it.each([
    ['C1: our audience among others', { aud: [RESOURCE, 'https://other.example'] }, 'machine'],
    [
      'C20: nbf and iat within the tolerance',
      () => ({ nbf: nowSeconds() + 20, iat: nowSeconds() + 20 }),
      'machine',
    ],
    ['C27: subject equal to the client id', { sub: 'job', client_id: 'job' }, 'machine'],
    ['C28: client id that equals the id of a user', { sub: 'alice', client_id: 'alice' }, 'machine'],
    ['C28: subject other than the client', { sub: 'alice', client_id: 'web-app' }, 'user'],
  ] as const)('%s is served', async (_, claims, kind) => {
    const token = authority.mint(typeof claims === 'function' ? claims() : claims);
    expect((await send(app, `Bearer ${token}`)).status).toBe(200);
    expect(app.decisions.at(-1)).toMatchObject({ outcome: 'allowed', callerKind: kind });
    expect(app.callers).toHaveLength(1);
  });

  it('C28: a client id that equals the id of a user does not open what is for people', async () => {
    const token = authority.mint({ sub: 'alice', client_id: 'alice', scope: 'deploy:read deploy:approve' });
    const response = await send(app, `Bearer ${token}`, toolCall('approve_production'));
    expect(response.status).toBe(403);
    const challenges = [{ scheme: 'Bearer', parameters: { resource_metadata: METADATA_URL } }];
    expect(parseChallenges(response.headers.get('www-authenticate'))).toEqual(challenges);
    expect(await response.json()).toMatchObject({
      jsonrpc: '2.0',
      id: 7,
      error: { code: 40300, data: { reason: 'user_required', caller: 'machine' } },
    });
    expect(app.decisions.at(-1)).toMatchObject({
      reason: 'user_required',
      received: expect.stringContaining('machine'),
    });
    expect(app.callers).toEqual([]);
  });
});

describe('scopes as a list', () => {
  it('C30: are read by the profile of the provider that writes them, and by no other', async () => {
    const token = authority.mintAs('okta');
    await expectInvalidToken(app, await send(app, `Bearer ${token}`), 'token_type_not_allowed');
    const okta = { issuer: authority.issuer, profile: 'okta' } as const;
    await using profiled = await startProtectedApp({ authorizationServers: [okta], now: authority.now });
    expect((await send(profiled, `Bearer ${token}`)).status).toBe(200);
    expect(profiled.callers[0]).toMatchObject({ scopes: ['deploy:read'], kind: 'machine' });
  });
});

describe('scopes that do not suffice', () => {
  it.each([
    ['C30: a claim scp, which is not this kind of token’s', { scope: undefined, scp: ['deploy:read'] }],
    ['C31: scope absent', { scope: undefined }],
    ['C31: scope empty', { scope: '' }],
    ['C32: scope in another case', { scope: 'DEPLOY:READ' }],
    ['C33: scope that begins alike', { scope: 'deploy:read-all' }],
    ['C33: scope that contains ours', { scope: 'not-deploy:read' }],
    ['C33: scopes separated by a comma', { scope: 'deploy:read,deploy:write' }],
  ])('%s is 403 with the scope to ask for', async (_, claims) => {
    const response = await send(app, `Bearer ${authority.mint(claims)}`);
    expect(response.status).toBe(403);
    const [challenge] = parseChallenges(response.headers.get('www-authenticate'));
    expect(challenge?.parameters).toEqual({
      error: 'insufficient_scope',
      error_description: expect.stringContaining('deploy:read'),
      scope: 'deploy:read',
      resource_metadata: METADATA_URL,
    });
    expect(await response.json()).toMatchObject({
      id: 1,
      error: {
        code: 40300,
        data: { reason: 'scope_insufficient', scopes: ['deploy:read'], missing: ['deploy:read'] },
      },
    });
    expect(app.decisions.at(-1)).toMatchObject({
      outcome: 'refused',
      reason: 'scope_insufficient',
      status: 403,
    });
    expect(app.callers).toEqual([]);
  });

  it('C33: the scope of one tool does not open another, and the challenge names all that is needed', async () => {
    const token = authority.mint({ scope: 'deploy:read deploy:write-all' });
    const response = await send(app, `Bearer ${token}`, toolCall('start_deployment', { service: 'web' }));
    expect(response.status).toBe(403);
    const [challenge] = parseChallenges(response.headers.get('www-authenticate'));
    expect(challenge?.parameters.scope).toBe('deploy:read deploy:write');
  });
});
