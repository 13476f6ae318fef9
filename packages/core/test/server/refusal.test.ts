import { parseChallenges } from '@mcp-m2m/testing';
import { describe, expect, it } from 'vitest';
import { wireErrorOf, type RefusalReason } from '../../src/server/refusal-reason.ts';
import { createRefusal, type ChallengeSurroundings, type RefusalDetails } from '../../src/server/refusal.ts';

const METADATA_URL = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp';
const SURROUNDINGS: ChallengeSurroundings = {
  resourceMetadataUrl: METADATA_URL,
  dpopAlgorithms: ['ES256', 'EdDSA'],
  dpopChallenge: 'never',
};
const refuse = (
  details: Partial<RefusalDetails> & Pick<RefusalDetails, 'reason'>,
  scheme: 'Bearer' | 'DPoP' | 'none' = 'Bearer',
  surroundings: Partial<ChallengeSurroundings> = {},
) =>
  createRefusal(
    { ...SURROUNDINGS, ...surroundings },
    { description: 'A sentence.', ...details },
    scheme === 'none' ? undefined : scheme,
  );
const challengesOf = (...given: Parameters<typeof refuse>) =>
  parseChallenges(refuse(...given).headers['WWW-Authenticate']);

describe('a refusal', () => {
  it('of a token is a challenge and OAuth JSON', () => {
    const refusal = refuse({ reason: 'token_expired', scopes: ['a', 'b'] });
    expect(refusal).toMatchObject({ ok: false, status: 401, reason: 'token_expired' });
    expect(parseChallenges(refusal.headers['WWW-Authenticate'])).toEqual([
      {
        scheme: 'Bearer',
        parameters: {
          error: 'invalid_token',
          error_description: 'A sentence.',
          scope: 'a b',
          resource_metadata: METADATA_URL,
        },
      },
    ]);
    expect(JSON.parse(refusal.body)).toEqual({ error: 'invalid_token', error_description: 'A sentence.' });
  });

  it.each([
    ['Bearer', 'alone', ['DPoP']],
    ['none', 'alone', ['DPoP']],
    ['DPoP', 'beside', ['DPoP']],
    ['Bearer', 'beside', ['Bearer']],
    ['none', 'beside', ['Bearer', 'DPoP']],
    ['none', 'never', ['Bearer']],
  ] as const)(
    'of %s credentials, where DPoP is challenged %s, asks for %s',
    (scheme, dpopChallenge, schemes) => {
      const challenges = challengesOf({ reason: 'token_expired' }, scheme, { dpopChallenge });
      expect(challenges.map((challenge) => challenge.scheme)).toEqual(schemes);
    },
  );

  it('never asks for DPoP where it is switched off', () => {
    const off = { dpopAlgorithms: undefined } as const;
    expect(challengesOf({ reason: 'token_expired' }, 'DPoP', off)).toMatchObject([{ scheme: 'Bearer' }]);
  });

  it('without credentials names no error', () => {
    const { headers, body } = refuse({ reason: 'credentials_missing' }, 'none');
    expect(headers['WWW-Authenticate']).toBe(`Bearer resource_metadata="${METADATA_URL}"`);
    expect(JSON.parse(body)).toEqual({ error_description: 'A sentence.' });
  });

  it('for want of a person names neither error nor scope, and answers the request by its id', () => {
    const operation = { id: 7, method: 'tools/call', kind: 'tool', name: 'x', arguments: undefined } as const;
    const operations = { batch: false, operations: [operation] };
    const refusal = refuse({ reason: 'user_required', operations, data: { grants: ['x'] } });
    expect(refusal.headers['WWW-Authenticate']).toBe(`Bearer resource_metadata="${METADATA_URL}"`);
    expect(JSON.parse(refusal.body)).toEqual({
      jsonrpc: '2.0',
      id: 7,
      error: { code: 40300, message: 'A sentence.', data: { reason: 'user_required', grants: ['x'] } },
    });
    const batch = refuse({ reason: 'user_required', operations: { batch: true, operations: [operation] } });
    expect(JSON.parse(batch.body)).not.toHaveProperty('id');
  });

  it('keeps what is for the operator out of headers and body', () => {
    const { headers, body, expected, received } = refuse({
      reason: 'audience_mismatch',
      expected: 'for-the-operator',
      received: 'for-the-operator',
    });
    expect(JSON.stringify([headers, body])).not.toContain('for-the-operator');
    expect([expected, received]).toEqual(['for-the-operator', 'for-the-operator']);
  });

  it('says when to come back where something failed, and challenges nobody', () => {
    const { status, headers } = refuse({ reason: 'issuer_unavailable', retryAfterSeconds: 3 });
    expect([status, headers['Retry-After'], headers['WWW-Authenticate']]).toEqual([503, '3', undefined]);
    expect(refuse({ reason: 'issuer_unavailable' }).headers['Retry-After']).toBe('5');
  });

  it('is never stored by caches', () => {
    expect(refuse({ reason: 'token_expired' }).headers['Cache-Control']).toBe('no-store');
  });

  it('H18: escapes what would break out of a challenge', () => {
    const description = 'a "quoted" \\ line\r\nX-Injected: 1';
    const [challenge] = challengesOf({ reason: 'token_expired', description });
    expect(challenge?.parameters.error_description).toBe("a 'quoted'   line  X-Injected: 1");
  });
});

describe('the challenges', () => {
  it('put Bearer first where both schemes are offered', () => {
    const both = challengesOf({ reason: 'credentials_missing' }, 'none', { dpopChallenge: 'beside' });
    expect(both.map(({ scheme }) => scheme)).toEqual(['Bearer', 'DPoP']);
    expect(both[1]?.parameters.algs).toBe('ES256 EdDSA');
  });

  it('are DPoP alone where DPoP is required, and for credentials that were DPoP', () => {
    const required = challengesOf({ reason: 'credentials_missing' }, 'none', { dpopChallenge: 'alone' });
    expect(required.map(({ scheme }) => scheme)).toEqual(['DPoP']);
    expect(challengesOf({ reason: 'proof_invalid' }, 'DPoP')).toMatchObject([
      { scheme: 'DPoP', parameters: { error: 'invalid_dpop_proof', algs: 'ES256 EdDSA' } },
    ]);
  });
});

describe('the wire code', () => {
  it.each([
    ['credentials_missing', 401, undefined],
    ['credentials_malformed', 400, 'invalid_request'],
    ['credentials_repeated', 400, 'invalid_request'],
    ['token_malformed', 401, 'invalid_token'],
    ['key_ambiguous', 401, 'invalid_token'],
    ['audience_mismatch', 401, 'invalid_token'],
    ['sender_constraint_unmet', 401, 'invalid_token'],
    ['issuer_unavailable', 503, 'temporarily_unavailable'],
    ['scope_insufficient', 403, 'insufficient_scope'],
    ['user_required', 403, undefined],
    ['machine_required', 403, undefined],
    ['body_not_json', 400, undefined],
    ['body_not_json_rpc', 400, undefined],
    ['body_too_large', 413, undefined],
  ] as const)('of %s is %i %s', (reason: RefusalReason, status, error) => {
    expect(wireErrorOf(reason)).toMatchObject({ status });
    expect(wireErrorOf(reason).error).toBe(error);
  });

  it('lies outside what JSON-RPC and MCP reserve, where it is our own', () => {
    for (const reason of ['scope_insufficient', 'user_required', 'machine_required'] as const) {
      const { jsonRpcCode = 0 } = wireErrorOf(reason);
      expect(jsonRpcCode < -32_768 || jsonRpcCode > -32_000).toBe(true);
    }
  });
});
