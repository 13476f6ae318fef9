import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cacheLifetimeSeconds } from '../../src/cache-lifetime.ts';
import { readResourceChallenge } from '../../src/client/discovery/resource-challenge.ts';
import { auth0, cognito, entraId, keycloak, okta, pingOne } from '../../src/client/index.ts';
import { readDemandedScopes } from '../../src/client/scopes/demanded-scopes.ts';
import { createConcealment } from '../../src/client/token-endpoint/concealed-text.ts';
import { TokenAcquisitionError } from '../../src/client/token-acquisition-error.ts';
import { describeClockSkew } from '../../src/client/token-endpoint/clock-skew.ts';
import {
  readTokenResponse,
  type TokenResponseExpectation,
} from '../../src/client/token-endpoint/token-response.ts';
import { parseRetryAfter } from '../../src/retry-after.ts';
import { isScopeToken } from '../../src/scope.ts';
import { parseChallenges } from '../../src/www-authenticate.ts';
import { anyText, FLOOD, resultOf, RUNS, texts } from '../server/fuzz-inputs.ts';

const SECRET = 'correct-horse-battery-staple';
const NOW = 1_800_000_000_000;
/** As large as an answer of a token endpoint may be. */
const WHOLE_BODY = 65_000;
const TENANT = '0a1b2c3d-0000-4000-8000-abcdefabcdef';
const PROFILES = [
  auth0({ audience: 'https://api.example.com' }),
  entraId({ tenantId: TENANT, applicationIdUri: 'api://one' }),
  okta({ scopes: ['deploy:read'] }),
  cognito({ scopes: ['deploy/read'] }),
  keycloak(),
  pingOne({ scopes: ['deploy:read'] }),
  undefined,
];

/** Header values that an HTTP client lets through. */
const headerValue = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  text.map((value) => value.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').trim());

/** Judges an answer as a token source does. Nothing of the request's secret may be told. */
function judge(
  status: number,
  headers: Headers,
  body: Uint8Array,
  changes: Partial<TokenResponseExpectation> = {},
): ReturnType<typeof readTokenResponse> | undefined {
  const concealment = createConcealment();
  concealment.add(SECRET);
  const expectation: TokenResponseExpectation = {
    resource: 'https://mcp.example.com/mcp',
    issuer: 'https://auth.example.com',
    tokenEndpoint: 'https://auth.example.com/token',
    scopes: ['deploy:read'],
    tokenType: 'Bearer',
    requestedAt: NOW,
    explanation: { receivedAt: NOW + 5, method: 'private_key_jwt', assertionGrant: false },
    concealment,
    ...changes,
  };
  return resultOf(() => {
    try {
      return readTokenResponse({ status, headers, body }, expectation);
    } catch (error) {
      const message = error instanceof TokenAcquisitionError ? error.message : '';
      const safe =
        !message.includes(SECRET) && message.length < 4000 && !/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(message);
      throw safe ? error : new Error(`not fit to be shown: ${message}`);
    }
  }, TokenAcquisitionError);
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const json = new Headers({ 'content-type': 'application/json' });
const intactPrototypes = (): void => {
  expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('polluted');
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
};

const memberName = fc.constantFrom(
  'access_token',
  'token_type',
  'expires_in',
  'scope',
  'error',
  'error_description',
  'issued_token_type',
  'refresh_token',
  'id_token',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
);
const memberValue = fc.oneof(
  fc.constantFrom<unknown>(
    'Bearer',
    'DPoP',
    'a-token',
    SECRET,
    300,
    -1,
    1e300,
    'invalid_client',
    'read write',
  ),
  anyText,
  fc.jsonValue({ maxDepth: 3 }),
  fc.constant({ polluted: true }),
);
/** Written by hand, as an object literal would make something else of `__proto__`. */
const document = fc
  .array(fc.tuple(memberName, memberValue), { maxLength: 10 })
  .map(
    (members) =>
      `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`,
  );
const status = fc.constantFrom(200, 200, 200, 400, 401, 403, 429, 500);

describe('the reader of token responses', () => {
  it('S1: gives a token that can be sent, or a typed error without the secret, whatever the members are', () => {
    fc.assert(
      fc.property(document, status, fc.constantFrom(...PROFILES), (body, code, profile) => {
        const result = judge(code, json, bytesOf(body), { explanation: { method: 'none', profile } });
        if (result === undefined) return;
        expect(code).toBe(200);
        expect(result.token.accessToken).toMatch(/^[\x21-\x7e]+$/);
        expect(result.token.tokenType).toBe('Bearer');
        expect(result.token.scopes.every(isScopeToken)).toBe(true);
        expect(result.lifetimeSeconds ?? 0).toBeGreaterThanOrEqual(0);
        expect(Number.isSafeInteger(result.token.expiresAt ?? 0)).toBe(true);
      }),
      RUNS,
    );
    intactPrototypes();
  });

  it('gives a token or a typed error for any bytes of any type', () => {
    const type = fc.constantFrom('application/json', 'application/json; charset=utf-16', 'text/html', '');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), type, status, (bytes, contentType, code) => {
        expect(judge(code, new Headers({ 'content-type': contentType }), bytes)).toBeUndefined();
      }),
      RUNS,
    );
  });

  it('gives a typed error for any headers of a refusal', () => {
    const value = headerValue(texts('Fri, 15 Jan 2027 08:00:00 GMT', '120', '-1', 'GMT', ','));
    fc.assert(
      fc.property(value, value, (date, retryAfter) => {
        const headers = new Headers({ 'content-type': 'application/json', date, 'retry-after': retryAfter });
        expect(judge(401, headers, bytesOf('{"error":"invalid_client"}'))).toBeUndefined();
      }),
      RUNS,
    );
  });

  it.each<[string, string]>([
    ['brackets', '['.repeat(WHOLE_BODY)],
    ['objects in objects', `${'{"error":'.repeat(WHOLE_BODY / 10)}1${'}'.repeat(WHOLE_BODY / 10)}`],
    ['members', `{${'"__proto__":{},'.repeat(WHOLE_BODY / 16)}"error":"x"}`],
    ['scopes', `{"access_token":"t","token_type":"Bearer","scope":"${'a '.repeat(WHOLE_BODY / 2 - 60)}é"}`],
    ['digits', `{"access_token":"t","token_type":"Bearer","expires_in":"${'9'.repeat(WHOLE_BODY)}"}`],
    ['spaces in a description', `{"error":"x","error_description":"${' '.repeat(WHOLE_BODY)}"}`],
    [
      'almost the secret',
      `{"error":"x","error_description":"${SECRET.slice(0, 11).repeat(WHOLE_BODY / 11)}"}`,
    ],
    ['the secret', `{"error":"x","error_description":"${SECRET.repeat(WHOLE_BODY / SECRET.length)}"}`],
    [
      'advice that almost fits',
      `{"error":"x","error_description":"${'assertion '.repeat(WHOLE_BODY / 10)}"}`,
    ],
    [
      'a resource server that is never said not to be found',
      `{"error":"x","error_description":"${'resource server '.repeat(WHOLE_BODY / 16)}"}`,
    ],
    ['an error code', `{"error":"${'invalid_'.repeat(WHOLE_BODY / 8)}"}`],
  ])('ends soon, and without a token, on a flood of %s', (_, body) => {
    for (const profile of PROFILES) {
      for (const code of [200, 400, 401]) {
        const explanation = { method: 'private_key_jwt', profile };
        expect(judge(code, json, bytesOf(body), { explanation })).toBeUndefined();
      }
    }
    intactPrototypes();
  });
});

const challengePieces = texts(
  'Bearer',
  'DPoP',
  ' ',
  ', ',
  '="',
  '"',
  'error',
  'scope',
  'resource_metadata',
  '__proto__',
  'constructor',
  'insufficient_scope',
  'deploy:read',
  '\\',
  'YWJj==',
);
const challenged = (header: string): Response =>
  new Response(null, { headers: { 'www-authenticate': header } });

describe('the reader of challenges', () => {
  it('finds text, scopes and nothing inherited in any header', () => {
    fc.assert(
      fc.property(headerValue(challengePieces), (header) => {
        const challenge = readResourceChallenge(challenged(header));
        for (const { parameters } of parseChallenges(header)) {
          expect(Object.getPrototypeOf(parameters)).toBeNull();
          for (const [name, value] of Object.entries(parameters)) {
            expect(name).toBe(name.toLowerCase());
            expect(typeof value).toBe('string');
          }
        }
        const scopes = readDemandedScopes(challenge);
        expect(scopes.every(isScopeToken)).toBe(true);
        expect(scopes).not.toContain('offline_access');
        expect(scopes.length).toBeLessThanOrEqual(100);
      }),
      RUNS,
    );
    intactPrototypes();
  });

  it.each([
    ['token68 characters', `Bearer ${'a'.repeat(FLOOD)}!`],
    ['token68 beginnings', 'Bearer a=! '.repeat(FLOOD / 11)],
    ['equals signs', `Bearer ${'='.repeat(FLOOD)}`],
    ['parameters without a value', 'Bearer a= '.repeat(FLOOD / 10)],
    ['escapes', `Bearer a="${'\\"'.repeat(FLOOD / 2)}`],
    ['spaces', `Bearer ${' '.repeat(FLOOD)}x`],
    ['tabs before commas', `Bearer ${'\t,'.repeat(FLOOD / 2)}`],
    ['scopes', `Bearer scope="${'a '.repeat(FLOOD / 2)}"`],
    ['schemes with something long after them', `${'a b'.repeat(FLOOD / 3)}=`],
    ['schemes with a name after them', 'a bc '.repeat(FLOOD / 5)],
  ])('ends soon on a flood of %s', (_, header) => {
    expect(readDemandedScopes(parseChallenges(header)[0])).toEqual([]);
  });
});

describe('the readers of times in headers', () => {
  const bounds = { min: 60, default: 300, max: 600 };
  const cacheText = headerValue(
    texts('max-age', '=', '"', '120', '99999999999999999999', '-1', ', ', 'no-store', 'no-cache', 's-maxage'),
  );

  it('give a lifetime between the bounds for any Cache-Control and Age', () => {
    fc.assert(
      fc.property(cacheText, cacheText, (cacheControl, age) => {
        const lifetime = cacheLifetimeSeconds(new Headers({ 'cache-control': cacheControl, age }), bounds);
        expect(lifetime).toBeGreaterThanOrEqual(bounds.min);
        expect(lifetime).toBeLessThanOrEqual(bounds.max);
      }),
      RUNS,
    );
  });

  it('give a wait that is not negative, a sentence, or nothing, for any other', () => {
    const text = texts('Fri, 15 Jan 2027 08:00:00 GMT', '120', '-', '+', 'e', '9', ' GMT', 'Z');
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 4e12 }), (value, now) => {
        const seconds = parseRetryAfter(value, now);
        expect(seconds ?? 0).toBeGreaterThanOrEqual(0);
        const sentence = describeClockSkew(value, now, now + 10);
        expect(sentence ?? '').toMatch(/^$|^The clock here is \d+ \w+ (ahead of|behind) /);
      }),
      RUNS,
    );
  });

  it.each([
    ['directives', 'max-age=, '.repeat(FLOOD / 10)],
    ['digits', `max-age=${'9'.repeat(FLOOD)}`],
    ['quotation marks', `max-age=${'"'.repeat(FLOOD)}`],
    ['spaces', `${' '.repeat(FLOOD)}max-age`],
    ['hyphens', 'no-'.repeat(FLOOD / 3)],
    ['a date that goes on', `Fri, ${'15 '.repeat(FLOOD / 3)}GMT`],
    ['brackets', `${'('.repeat(FLOOD)} GMT`],
  ])('end soon on a flood of %s', (_, value) => {
    expect(cacheLifetimeSeconds(new Headers({ 'cache-control': value }), bounds)).toBe(bounds.default);
    expect(parseRetryAfter(value, NOW)).toBeUndefined();
    expect(describeClockSkew(value, NOW, NOW)).toBeUndefined();
  });
});
