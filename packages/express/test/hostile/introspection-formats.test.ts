import { createSigningKey, type EndpointAnswer, type SigningKey } from '@mcp-m2m/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  CLIENT_ID,
  SECRET,
  active,
  answerWith,
  ask,
  expectServed,
  introspecting,
  questions,
  scene,
  setUpIntrospection,
  start,
} from '../introspecting-app.ts';
import { expectInvalidToken, expectUnavailable, RESOURCE } from '../protected-app.ts';

setUpIntrospection();

describe('signed answers', () => {
  const SIGNED = 'application/token-introspection+jwt';
  let attacker: SigningKey;

  /** A signed answer that is right but for what is given. */
  const signed = (
    claims: Readonly<Record<string, unknown>> = {},
    { header = {}, key }: { header?: Readonly<Record<string, unknown>>; key?: SigningKey } = {},
  ): EndpointAnswer => {
    const payload = {
      iss: scene.authority.issuer,
      aud: CLIENT_ID,
      iat: Math.floor(scene.authority.now() / 1000),
      token_introspection: active().json,
      ...claims,
    };
    const { keyId } = key ?? scene.authority.signingKey;
    const parts = {
      header: { alg: 'ES256', typ: 'token-introspection+jwt', kid: keyId, ...header },
      payload,
    };
    const body = scene.authority.mintRaw(parts, key === undefined ? {} : { key });
    return { headers: { 'content-type': SIGNED }, body };
  };

  beforeEach(async () => {
    attacker = await createSigningKey();
    await scene.app[Symbol.asyncDispose]();
    scene.app = await start(introspecting({ signed: true }));
  });

  it('are asked for and accepted', async () => {
    await expectServed(scene.authority.mintOpaque());
    expect(scene.authority.endpoints.introspection.requests[0]?.headers.accept).toBe(SIGNED);
    answerWith(signed());
    await expectServed('opaque');
    answerWith(signed({ aud: RESOURCE }));
    await expectServed('another');
  });

  it.each<readonly [string, () => EndpointAnswer]>([
    ['with the wrong key', () => signed({}, { key: attacker })],
    [
      'with the wrong key under the right key id',
      () => signed({}, { key: attacker, header: { kid: scene.authority.signingKey.keyId } }),
    ],
    ['for another audience', () => signed({ aud: 'another-server' })],
    ['for no audience', () => signed({ aud: undefined })],
    ['of another issuer', () => signed({ iss: 'https://other.example' })],
    ['of no issuer', () => signed({ iss: undefined })],
    ['of another type', () => signed({}, { header: { typ: 'JWT' } })],
    ['of the type of access tokens', () => signed({}, { header: { typ: 'at+jwt' } })],
    ['of no type', () => signed({}, { header: { typ: undefined } })],
    ['with crit', () => signed({}, { header: { crit: ['exp'] } })],
    ['of no time', () => signed({ iat: undefined })],
    ['of a time that is a text', () => signed({ iat: 'now' })],
    ['of the future', () => signed({ iat: Math.floor(scene.authority.now() / 1000) + 60 })],
    ['that is old', () => signed({ iat: Math.floor(scene.authority.now() / 1000) - 331 })],
    ['that has expired', () => signed({ exp: Math.floor(scene.authority.now() / 1000) - 31 })],
    ['without the answer', () => signed({ token_introspection: undefined })],
    ['with a list as the answer', () => signed({ token_introspection: [{ active: true }] })],
    [
      'that is an access token',
      () => ({ headers: { 'content-type': SIGNED }, body: scene.authority.mint() }),
    ],
    ['that is not a JWT', () => ({ headers: { 'content-type': SIGNED }, body: 'active' })],
    ['that is unsigned JSON', () => active()],
    ['that is JSON which says it is signed', () => ({ ...active(), headers: { 'content-type': SIGNED } })],
    [
      'with alg none',
      () => {
        const [, payload = ''] = String(signed().body).split('.');
        const header = { alg: 'none', typ: 'token-introspection+jwt' };
        const encoded = Buffer.from(JSON.stringify(header)).toString('base64url');
        return { headers: { 'content-type': SIGNED }, body: `${encoded}.${payload}.` };
      },
    ],
    [
      'with alg HS256 and our own secret',
      () => {
        const header = { alg: 'HS256', typ: 'token-introspection+jwt' };
        const payload = { iss: scene.authority.issuer, aud: CLIENT_ID, token_introspection: active().json };
        const key = Buffer.from(SECRET);
        const body = scene.authority.mintRaw({ header, payload }, { algorithm: 'HS256', key });
        return { headers: { 'content-type': SIGNED }, body };
      },
    ],
  ])('%s are 503', async (_, answer) => {
    answerWith(answer());
    await expectUnavailable(scene.app, await ask('opaque'));
  });

  it('are verified where they are not demanded too', async () => {
    await using lenient = await start();
    await expectServed(scene.authority.mintOpaque(), lenient);
    answerWith(signed({}, { key: attacker, header: { kid: scene.authority.signingKey.keyId } }));
    await expectUnavailable(lenient, await ask('opaque', lenient));
    answerWith(active());
    await expectServed('opaque', lenient);
  });

  it('say inactive just as well', async () => {
    await expectInvalidToken(scene.app, await ask('made-up'), 'token_inactive');
  });
});

describe('JWTs where opaque tokens are asked about', () => {
  it('are verified by signature, without a question', async () => {
    await expectServed(scene.authority.mint());
    expect(questions()).toBe(0);
  });

  it('with a broken signature are not asked about either', async () => {
    const token = scene.authority.mint();
    await expectInvalidToken(
      scene.app,
      await ask(`${token.slice(0, -20)}${'A'.repeat(20)}`),
      'signature_invalid',
    );
    expect(questions()).toBe(0);
  });

  describe('with jwts: true', () => {
    beforeEach(async () => {
      await scene.app[Symbol.asyncDispose]();
      scene.app = await start(introspecting({ jwts: true }));
    });

    it('are asked about, so that a revoked one is refused', async () => {
      const token = scene.authority.mint();
      await expectServed(token);
      scene.authority.revoke(token);
      scene.authority.advanceSeconds(31);
      await expectInvalidToken(scene.app, await ask(token), 'token_inactive');
    });

    it('are refused when they are forged, because their issuer says so', async () => {
      const token = scene.authority.mint({}, { key: await createSigningKey() });
      await expectInvalidToken(scene.app, await ask(token), 'token_inactive');
    });

    it('of unknown issuers are refused without a question', async () => {
      const token = scene.authority.mint({ iss: 'https://other.example' });
      await expectInvalidToken(scene.app, await ask(token), 'issuer_unknown');
      expect(questions()).toBe(0);
    });

    it.each([
      ['an ID token', { nonce: 'n' }, { typ: 'JWT' }],
      ['a logout token', { events: {} }, { typ: 'JWT' }],
      ['a proof', {}, { typ: 'dpop+jwt' }],
      ['a refresh token', { typ: 'Refresh' }, { typ: 'JWT' }],
    ])('J27, J28: %s is refused, whatever its issuer says', async (_, claims, options) => {
      answerWith(active());
      await expectInvalidToken(
        scene.app,
        await ask(scene.authority.mint(claims, options)),
        'token_type_not_allowed',
      );
      expect(questions()).toBe(0);
    });

    it('stay bound to their key where the answer does not mention it', async () => {
      answerWith(active());
      const token = scene.authority.mint({ cnf: { jkt: 'x'.repeat(43) } });
      const response = await ask(token);
      expect(response.status).toBe(401);
      expect(scene.app.decisions.at(-1)?.reason).toBe('sender_constraint_unmet');
    });

    it('stay delegated where the answer does not mention it', async () => {
      answerWith(active({ sub: 'alice' }));
      await expectServed(scene.authority.mint({ sub: 'alice', act: { sub: 'job' } }));
      expect(scene.app.decisions.at(-1)?.callerKind).toBe('delegated');
    });

    it('gain nothing by claims that the answer does not repeat', async () => {
      answerWith(active({ scope: 'other', client_id: undefined, sub: undefined }));
      await expectInvalidToken(scene.app, await ask(scene.authority.mint()), 'claim_missing');
      answerWith(active({ scope: undefined }));
      expect((await ask(scene.authority.mint())).status).toBe(403);
    });
  });
});
