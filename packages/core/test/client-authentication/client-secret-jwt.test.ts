import { inspect } from 'node:util';
import { createTestAuthority } from '@mcp-m2m/testing';
import { decodeJwt, jwtVerify } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ClientSecret } from '../../src/client/index.ts';
import {
  clientSecretJwt,
  type ClientSecretJwtOptions,
  type SymmetricAlgorithm,
} from '../../src/client-authentication/client-secret-jwt.ts';
import { CONTEXT, prove, rejectionOf, requestToken } from './token-request.ts';

const SECRET = 'canary-secret: ü, %, + and enough more bytes that the hash of HS512 is not longer';

/** An authority whose token endpoint takes `client_secret_jwt`, verified as OpenID Connect Core §9 says. */
async function createAuthority(secret: string) {
  const authority = await createTestAuthority();
  onTestFinished(() => authority.close());
  const used = new Set<unknown>();
  authority.endpoints.token.answerWith(async ({ headers, body }) => {
    const form = new URLSearchParams(body);
    try {
      const { payload } = await jwtVerify(form.get('client_assertion') ?? '', Buffer.from(secret), {
        algorithms: ['HS256', 'HS384', 'HS512'],
        issuer: CONTEXT.clientId,
        subject: CONTEXT.clientId,
        audience: authority.issuer,
        requiredClaims: ['exp', 'iat', 'jti'],
      });
      const proper =
        headers.authorization === undefined &&
        form.get('client_assertion_type') === 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' &&
        !used.has(payload.jti);
      used.add(payload.jti);
      if (!proper) throw new Error('not as it should be');
    } catch {
      return { status: 401, json: { error: 'invalid_client' } };
    }
    return {
      json: {
        access_token: authority.mint({ aud: 'https://mcp.example.com/mcp' }),
        token_type: 'Bearer',
        expires_in: 300,
      },
    };
  });
  return authority;
}

describe('clientSecretJwt', () => {
  it.each(['HS256', 'HS384', 'HS512'] as const)(
    'gets a token with %s, which the secret verifies',
    async (algorithm) => {
      const authority = await createAuthority(SECRET);
      const authentication = clientSecretJwt({ clientSecret: SECRET, algorithm });
      expect(authentication).toMatchObject({ method: 'client_secret_jwt', algorithm });
      for (const status of [200, 200]) {
        expect(await requestToken(authority, authentication)).toMatchObject({ status });
      }
      const requests = authority.endpoints.token.requests.map(({ body }) => decodeURIComponent(body));
      for (const body of requests) expect(body).not.toContain('canary');
    },
  );

  it('A5: is refused with another secret', async () => {
    const authority = await createAuthority(`${SECRET}, rotated`);
    const authentication = clientSecretJwt({ clientSecret: SECRET, algorithm: 'HS256' });
    expect(await requestToken(authority, authentication)).toMatchObject({ status: 401 });
  });

  it('reads the secret anew at every token request, so that a rotated one needs no restart', async () => {
    const authority = await createAuthority(`${SECRET}, rotated`);
    let secret = SECRET;
    const authentication = clientSecretJwt({
      clientSecret: () => Promise.resolve(secret),
      algorithm: 'HS256',
    });
    expect(await requestToken(authority, authentication)).toMatchObject({ status: 401 });
    secret = `${SECRET}, rotated`;
    expect(await requestToken(authority, authentication)).toMatchObject({ status: 200 });
  });

  it('S1, S2: conceals the secret and the assertion', async () => {
    const { concealed, assertion } = await prove(
      clientSecretJwt({ clientSecret: SECRET, algorithm: 'HS256' }),
    );
    expect(concealed).toEqual([SECRET, assertion]);
    expect(decodeJwt(assertion)).toMatchObject({ iss: CONTEXT.clientId, sub: CONTEXT.clientId });
  });

  it.each<[SymmetricAlgorithm, number]>([
    ['HS256', 32],
    ['HS384', 48],
    ['HS512', 64],
  ])('takes for %s a secret of at least %d bytes in UTF-8', async (algorithm, bytes) => {
    const message = `is too short: ${algorithm} takes at least ${bytes} bytes.`;
    const create = (clientSecret: ClientSecret) => clientSecretJwt({ clientSecret, algorithm });
    for (const enough of ['s'.repeat(bytes), 'ü'.repeat(bytes / 2)]) {
      await prove(create(enough));
      await prove(create(() => enough));
    }
    const short = 'canary'.padEnd(bytes - 1, '-');
    expect(() => create(short)).toThrow(new TypeError(`clientSecret ${message}`));
    const error = await rejectionOf(prove(create(() => short)));
    expect(error).toMatchObject({
      name: 'ClientSecretError',
      message: `the function given as clientSecret: its value ${message}`,
    });
    expect(inspect(error)).not.toContain('canary');
  });

  it.each<[string, object, RegExp]>([
    ['no secret', { algorithm: 'HS256' }, /clientSecret must be a string/],
    ['a line break', { clientSecret: `${SECRET}\n`, algorithm: 'HS256' }, /ends with a line break/],
    ['half a surrogate pair', { clientSecret: `${SECRET}\uD800`, algorithm: 'HS256' }, /surrogate pair/],
    ['no algorithm', { clientSecret: SECRET }, /algorithm must be one of HS256, HS384, HS512/],
    ['an asymmetric one', { clientSecret: SECRET, algorithm: 'ES256' }, /algorithm must be one of HS256/],
    ['an inherited name', { clientSecret: SECRET, algorithm: 'constructor' }, /algorithm must be one of/],
    ['an unknown option', { clientSecret: SECRET, algorithm: 'HS256', keyId: 'x' }, /unknown option "keyId"/],
  ])('is refused at once with %s', (_, options, message) => {
    const attempt = () => clientSecretJwt(options as ClientSecretJwtOptions);
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow(/canary/);
  });
});
