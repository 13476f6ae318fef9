import { inspect } from 'node:util';
import { clientSecretBasic, clientSecretPost, privateKeyJwt } from '@mcp-m2m/core/server';
import { createDpopProof, createSigningKey, generateDpopKey } from '@mcp-m2m/testing';
import { describe, expect, it } from 'vitest';
import { sendProof } from './hostile/dpop-requests.ts';
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
  type Introspection,
} from './introspecting-app.ts';
import { expectInvalidToken, RESOURCE, toolCall, startProtectedApp } from './protected-app.ts';

setUpIntrospection();

describe('a token that is vouched for', () => {
  it('is served, and its caller is what the answer says', async () => {
    const token = scene.authority.mintOpaque({ sub: 'nightly', client_id: 'nightly' });
    await ask(token, scene.app, toolCall('whoami'));
    expect(scene.app.callers[0]).toMatchObject({
      kind: 'machine',
      clientId: 'nightly',
      scopes: ['deploy:read'],
    });
    expect(scene.app.decisions.at(-1)).toMatchObject({
      outcome: 'allowed',
      issuer: scene.authority.issuer,
      clientId: 'nightly',
    });
  });

  it.each([
    ['a subject of its own is a user’s', { sub: 'alice' }, 'user'],
    ['no subject is a machine’s', { sub: undefined }, 'machine'],
    ['a subject made of the client id is a machine’s', { sub: 'job@clients' }, 'machine'],
    [
      'the name of a service account is a machine’s',
      { sub: 'u1', username: 'service-account-job' },
      'machine',
    ],
    ['an actor is delegated', { sub: 'alice', act: { sub: 'job' } }, 'delegated'],
  ])('%s', async (_, members, kind) => {
    answerWith(active(members));
    expect((await ask('opaque')).status).toBe(200);
    expect(scene.app.decisions.at(-1)?.callerKind).toBe(kind);
  });

  it.each(['Bearer', 'bearer', 'access_token'])('may call its type %s', async (type) => {
    answerWith(active({ token_type: type }));
    await expectServed('opaque');
  });

  it('may be bound to a key, and then comes with a proof', async () => {
    const key = await generateDpopKey();
    const token = scene.authority.mintOpaque({ cnf: { jkt: key.thumbprint } });
    const { now } = scene.authority;
    const prove = () => createDpopProof({ key, method: 'POST', url: RESOURCE, accessToken: token, now });
    expect((await sendProof(scene.app, { token }, prove())).status).toBe(200);
    expect((await sendProof(scene.app, { token }, prove())).status).toBe(200);
    expect((await ask(token)).status).toBe(401);
    expect(scene.app.decisions.at(-1)?.reason).toBe('sender_constraint_unmet');
    expect(questions()).toBe(1);
  });

  it('counts for a minute where it names no expiry', async () => {
    answerWith(active({ exp: undefined }));
    expect((await ask('opaque')).status).toBe(200);
    const { expiresAt = 0 } = scene.app.callers[0] ?? {};
    expect(expiresAt - Math.floor(scene.authority.now() / 1000)).toBe(60);
  });

  it('is read by the issuer’s profile', async () => {
    await using okta = await start(introspecting({}, { profile: 'okta' }));
    answerWith(active({ uid: '00u1', sub: 'alice@example.com', username: 'alice@example.com' }));
    await expectServed('opaque', okta);
    expect(okta.decisions.at(-1)).toMatchObject({ clientId: 'job', callerKind: 'user' });
  });
});

describe('what is remembered', () => {
  it('asks once while the answer is fresh, and again after', async () => {
    const token = scene.authority.mintOpaque();
    for (let index = 0; index < 5; index++) await expectServed(token);
    expect(questions()).toBe(1);
    scene.authority.advanceSeconds(29);
    await expectServed(token);
    expect(questions()).toBe(1);
    scene.authority.advanceSeconds(2);
    await expectServed(token);
    expect(questions()).toBe(2);
  });

  it('never outlives the token', async () => {
    await using patient = await start(introspecting({ cacheSeconds: 3600 }));
    const token = scene.authority.mintOpaque({}, { expiresInSeconds: 60 });
    await expectServed(token, patient);
    scene.authority.advanceSeconds(59);
    await expectServed(token, patient);
    expect(questions()).toBe(1);
    scene.authority.advanceSeconds(1);
    await expectInvalidToken(patient, await ask(token, patient), 'token_inactive');
    expect(questions()).toBe(2);
  });

  it('is nothing where cacheSeconds is 0', async () => {
    await using forgetful = await start(introspecting({ cacheSeconds: 0 }));
    const token = scene.authority.mintOpaque();
    await expectServed(token, forgetful);
    scene.authority.revoke(token);
    await expectInvalidToken(forgetful, await ask(token, forgetful), 'token_inactive');
    expect(questions()).toBe(2);
  });

  it('is a refusal for five seconds, and not a failure', async () => {
    await ask('made-up');
    await ask('made-up');
    expect(questions()).toBe(1);
    scene.authority.advanceSeconds(5);
    await ask('made-up');
    expect(questions()).toBe(2);
  });

  it('is the last answer: a token that was refused after it was accepted stays refused', async () => {
    const token = scene.authority.mintOpaque();
    await expectServed(token);
    scene.authority.advanceSeconds(31);
    scene.authority.revoke(token);
    for (let index = 0; index < 3; index++) {
      await expectInvalidToken(scene.app, await ask(token), 'token_inactive');
    }
    expect(questions()).toBe(2);
  });

  it('is asked for once by all who present the same token at the same time', async () => {
    const token = scene.authority.mintOpaque();
    const release = scene.authority.endpoints.introspection.hold();
    const answers = Array.from({ length: 30 }, () => ask(token));
    await expect.poll(questions).toBe(1);
    release();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(30).fill(200));
    expect(questions()).toBe(1);
  });

  it('belongs to one token: answers to parallel questions are not mixed up', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `client-${index}`);
    const answers = await Promise.all(
      names.map(async (name) => {
        const token = scene.authority.mintOpaque({ sub: name, client_id: name });
        return (await ask(token, scene.app, toolCall('whoami'))).text();
      }),
    );
    for (const [index, answer] of answers.entries()) expect(answer).toContain(`"client-${index}"`);
  });

  it('does not change what another request with the same token may do', async () => {
    const token = scene.authority.mintOpaque();
    await ask(token);
    scene.app.callers[0]?.scopes.push('deploy:write');
    const response = await ask(token, scene.app, toolCall('start_deployment', { service: 'web' }));
    expect(response.status).toBe(403);
  });
});

describe('how this server proves who it is', () => {
  it.each([
    ['basic', (secret: string) => clientSecretBasic({ clientSecret: secret }), /^Basic /],
    ['post', (secret: string) => clientSecretPost({ clientSecret: secret }), /^$/],
  ])('client_secret_%s, with a secret that has to be encoded', async (_, method, header) => {
    const secret = 'per%cent+plus&amp=sign:ä';
    scene.authority.registerClient({ clientId: 'de:sk/1', secret });
    await using other = await start(introspecting({ clientId: 'de:sk/1', authentication: method(secret) }));
    await expectServed(scene.authority.mintOpaque(), other);
    const { headers, body } = scene.authority.endpoints.introspection.requests[0] ?? {
      headers: {},
      body: '',
    };
    expect(headers.authorization ?? '').toMatch(header);
    expect(new URLSearchParams(body).get('token_type_hint')).toBe('access_token');
    expect(new URLSearchParams(body).has('client_secret')).toBe(headers.authorization === undefined);
  });

  it('private_key_jwt, with a fresh assertion for each question, for the issuer alone', async () => {
    const key = await createSigningKey('ES256');
    scene.authority.registerClient({ clientId: CLIENT_ID, publicKey: key.publicJwk });
    const authentication = privateKeyJwt({ key: key.privateKey, algorithm: 'ES256', keyId: key.keyId });
    await using other = await start(introspecting({ authentication }));
    await expectServed(scene.authority.mintOpaque(), other);
    await expectServed(scene.authority.mintOpaque(), other);
    const assertions = scene.authority.endpoints.introspection.requests.map(({ body }) =>
      new URLSearchParams(body).get('client_assertion'),
    );
    expect(new Set(assertions).size).toBe(2);
  });

  it.each(['accepted', 'refused', 'down', 'echoing'] as const)(
    'S1, S2, S3: neither secret, assertion nor token is seen anywhere when it is %s',
    async (state) => {
      const key = await createSigningKey('ES256');
      const clients = {
        byKey: privateKeyJwt({ key: key.privateKey, algorithm: 'ES256' }),
        bySecret: clientSecretBasic({ clientSecret: SECRET }),
        byPost: clientSecretPost({ clientSecret: SECRET }),
      };
      if (state !== 'refused')
        scene.authority.registerClient({ clientId: CLIENT_ID, secret: SECRET, publicKey: key.publicJwk });
      else scene.authority.registerClient({ clientId: CLIENT_ID, secret: 'another' });
      if (state === 'down') scene.authority.endpoints.introspection.goDown();
      if (state === 'echoing') {
        scene.authority.endpoints.introspection.answerWith(({ headers, body }) => ({
          headers: { 'content-type': `${headers.authorization ?? ''} ${body}` },
          body: `${body} ${headers.authorization ?? ''}`,
        }));
      }
      const trail: string[] = [];
      const secrets: string[] = [SECRET, Buffer.from(`${CLIENT_ID}:${SECRET}`).toString('base64')];
      for (const authentication of Object.values(clients)) {
        await using watched = await start(introspecting({ authentication }));
        const token = scene.authority.mintOpaque();
        secrets.push(token);
        const response = await ask(token, watched);
        expect(response.status).toBe(state === 'accepted' ? 200 : 503);
        trail.push(await response.text(), inspect([...response.headers]));
        trail.push(
          inspect([watched.decisions, watched.auth, watched.callers], { depth: 20, showHidden: true }),
        );
        trail.push(JSON.stringify(watched.decisions));
      }
      for (const { body } of scene.authority.endpoints.introspection.requests) {
        const assertion = new URLSearchParams(body).get('client_assertion');
        if (assertion !== null) secrets.push(assertion, ...assertion.split('.'));
      }
      expect(secrets.length).toBeGreaterThan(5);
      // The caller's `token` is for the SDK alone, and no inspection shows it.
      const everything = trail.join('\n').toLowerCase();
      for (const secret of secrets) expect(everything).not.toContain(secret.toLowerCase());
    },
  );

  it.each([
    [{ clientId: '' }, /^authorizationServers\[0\]\.introspection\.clientId must be a text/],
    [{ authentication: { secret: SECRET } }, /introspection\.authentication must be what clientSecretBasic/],
    [{ endpoint: 'http://as.example/introspect' }, /introspection\.endpoint must use https/],
    [{ cacheSeconds: 3601 }, /introspection\.cacheSeconds must be a number from 0 to 3600/],
    [{ cacheSeconds: -1 }, /introspection\.cacheSeconds must be/],
    [{ signed: 'yes' }, /introspection\.signed and .* must be true or false/],
    [{ jwt: true }, /unknown option "jwt", did you mean "jwts"/],
  ])('is refused at construction with %j', async (wrong, message) => {
    const server = introspecting(wrong as Partial<Introspection>);
    await expect(start(server)).rejects.toThrow(message);
    await expect(start(server)).rejects.not.toThrow(SECRET);
  });

  it('is refused for two servers, because an opaque token does not say whose it is', async () => {
    const second = { ...introspecting(), issuer: 'https://second.example' };
    const both = startProtectedApp({ authorizationServers: [introspecting(), second] });
    await expect(both).rejects.toThrow(/introspection can be configured for one of them only/);
  });
});
