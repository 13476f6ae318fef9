import { AssertionError } from 'node:assert';
import { expect, test } from 'vitest';
import { createTestAuthority, expectChallenge, type ExpectedChallenge } from '../src/index.ts';

const METADATA = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp';
const respond = (status: number, header?: string) =>
  new Response(null, { status, headers: header === undefined ? {} : { 'www-authenticate': header } });
const refused = respond(
  403,
  `Negotiate, Bearer error="insufficient_scope", scope="b a", resource_metadata="${METADATA}", realm="x"`,
);

test.each<ExpectedChallenge>([
  { scheme: 'bearer' },
  { scheme: 'Negotiate', error: null, scope: null, resourceMetadata: null },
  { scheme: 'Bearer', status: 403, error: 'insufficient_scope', scope: 'a b', resourceMetadata: METADATA },
  {
    scheme: 'Bearer',
    scope: ['a', 'b'],
    resourceMetadata: new URL(METADATA),
    parameters: { realm: 'x', nope: null },
  },
])('%j is found', (expected) => {
  const challenge = expectChallenge(refused, expected);
  expect(challenge.scheme.toLowerCase()).toBe(expected.scheme.toLowerCase());
});

test('every difference is listed, for people and for test runners', () => {
  let error: unknown;
  try {
    expectChallenge(refused, {
      scheme: 'Bearer',
      status: 401,
      error: null,
      scope: 'a',
      parameters: { algs: 'ES256' },
    });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(AssertionError);
  expect(error).toMatchObject({
    code: 'ERR_ASSERTION',
    expected: { scheme: 'bearer', status: 401, error: null, scope: 'a', algs: 'ES256' },
    actual: { scheme: 'bearer', status: 403, error: 'insufficient_scope', scope: 'a b', algs: null },
  });
  const { message } = error as AssertionError;
  expect(message.split('\n').slice(0, 5)).toEqual([
    'The response does not challenge as expected:',
    '  status: expected 401, received 403',
    '  error: expected nothing, received "insufficient_scope"',
    '  scope: expected "a", received "a b"',
    '  algs: expected "ES256", received nothing',
  ]);
  expect(message).toContain('WWW-Authenticate: Negotiate, Bearer error=');
});

test('a challenge of another scheme is no near miss', () => {
  const response = respond(401, 'DPoP algs="ES256", Bearer error="invalid_token"');
  expect(() => expectChallenge(response, { scheme: 'Bearer', error: 'x', scope: 'y' })).toThrow(
    'received "invalid_token"',
  );
  expect(() => expectChallenge(response, { scheme: 'Basic' })).toThrow('scheme: expected "basic", received');
});

test('one of several challenges of a scheme suffices', () => {
  const response = respond(401, 'Bearer realm="a", Bearer realm="b"');
  expect(expectChallenge(response, { scheme: 'Bearer', parameters: { realm: 'b' } }).parameters).toEqual({
    realm: 'b',
  });
});

test('a response without the header, and one with a broken header, say so', () => {
  expect(() => expectChallenge(respond(200), { scheme: 'Bearer' })).toThrow(
    'It has no WWW-Authenticate header.',
  );
  expect(() => expectChallenge(respond(401, 'Bearer error="'), { scheme: 'Bearer' })).toThrow(SyntaxError);
});

test('a challenge that came over HTTP is read the same', async () => {
  await using authority = await createTestAuthority();
  authority.endpoints.jwks.answerWith({
    status: 401,
    headers: { 'www-authenticate': ['Bearer error="invalid_token"', 'DPoP error="use_dpop_nonce"'] },
  });
  const response = await fetch(authority.jwksUri);
  expect(expectChallenge(response, { scheme: 'Bearer', error: 'invalid_token' }).scheme).toBe('Bearer');
  expect(expectChallenge(response, { scheme: 'DPoP', error: 'use_dpop_nonce' }).scheme).toBe('DPoP');
});
