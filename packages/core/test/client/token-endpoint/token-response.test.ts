import { describe, expect, it } from 'vitest';
import type { EndpointAnswer } from '@mcp-m2m/testing';
import { clientSecretPost, createTokenSource } from '../../../src/client/index.ts';
import { failureOf } from '../acquisition-failure.ts';
import { CLIENT_ID, createScene, SECRET, tokenRequests } from '../scene.ts';

const good = { access_token: 'opaque-token', token_type: 'Bearer', expires_in: 300 };
const withBody = (body: string, type = 'application/json'): EndpointAnswer => ({
  body,
  headers: { 'content-type': type },
});
const token = (changes: Record<string, unknown>): EndpointAnswer => ({ json: { ...good, ...changes } });

describe('a hostile token response', () => {
  it.each<[string, EndpointAnswer, object]>([
    [
      'T1: HTML',
      withBody('<html>', 'text/html'),
      { code: 'token_response_invalid', expected: 'application/json', received: 'text/html' },
    ],
    [
      'T1: JSON that calls itself text',
      withBody(JSON.stringify(good), 'text/plain'),
      { code: 'token_response_invalid' },
    ],
    ['T1: no content type', { body: JSON.stringify(good) }, { received: 'no content type' }],
    [
      'T2: 200 with an error',
      { json: { ...good, error: 'invalid_target' } },
      { code: 'invalid_target', step: 'token_request' },
    ],
    [
      'T5: a negative lifetime',
      token({ expires_in: -1 }),
      { code: 'token_response_invalid', received: '-1' },
    ],
    [
      'T8: a lifetime beyond numbers',
      withBody('{"access_token":"t","token_type":"Bearer","expires_in":1e400}'),
      { code: 'token_response_invalid', received: 'Infinity' },
    ],
    [
      'a lifetime in words',
      token({ expires_in: 'soon' }),
      { code: 'token_response_invalid', received: 'a string' },
    ],
    ['a lifetime as an object', token({ expires_in: {} }), { received: 'an object' }],
    [
      'T9: a MAC token',
      token({ token_type: 'mac' }),
      { code: 'token_type_not_supported', received: '"mac"' },
    ],
    [
      'T10: no token type',
      token({ token_type: undefined }),
      { code: 'token_response_invalid', received: 'none' },
    ],
    [
      'T11: a DPoP token that nobody asked for',
      token({ token_type: 'DPoP' }),
      { code: 'token_type_not_supported' },
    ],
    ['T12: an empty token', token({ access_token: '' }), { received: 'an empty string' }],
    ['T12: no token', token({ access_token: undefined }), { received: 'none' }],
    [
      'a token that splits the header',
      token({ access_token: 'a\r\nx-evil: 1' }),
      { received: 'other characters' },
    ],
    ['a token as a number', token({ access_token: 7 }), { received: 'a number' }],
    ['a scope that is not one', token({ scope: 'read "all"' }), { code: 'token_response_invalid' }],
    ['a scope as an array', token({ scope: ['read'] }), { received: 'an array' }],
    ['an array', { json: [good] }, { code: 'token_response_invalid', received: 'something else' }],
    [
      'broken JSON',
      withBody('{"access_token":"t'),
      { code: 'token_response_invalid', received: 'something else' },
    ],
    [
      'bad UTF-8',
      { body: Buffer.from([0x7b, 0xff, 0x7d]), headers: { 'content-type': 'application/json' } },
      { received: 'something else' },
    ],
    [
      'T17: an endless body',
      {
        headers: { 'content-type': 'application/json' },
        chunks: (function* () {
          for (;;) yield ' '.repeat(16_384);
        })(),
      },
      { code: 'token_response_invalid', expected: 'at most 65536 bytes' },
    ],
    [
      'T18: 302',
      { status: 302, headers: { location: '/elsewhere' } },
      { code: 'redirected', step: 'token_request', received: 'status 302' },
    ],
    [
      'T18: 307',
      { status: 307, headers: { location: '/elsewhere' } },
      { code: 'redirected', received: 'status 307' },
    ],
    ['T19: a truncated body', { ...withBody('{"access_token":'), thenReset: true }, { code: 'unreachable' }],
    [
      '201 with a token',
      { status: 201, json: good },
      { code: 'token_request_refused', received: 'status 201' },
    ],
    [
      '206 with a token',
      { status: 206, json: good },
      { code: 'token_request_refused', received: 'status 206' },
    ],
    ['an error code of its own', { status: 400, json: { error: 'nope' } }, { code: 'token_request_refused' }],
    ['an error that is no text', { status: 400, json: { error: 7 } }, { received: 'status 400' }],
    [
      'a refusal in HTML',
      { status: 403, body: '<h1>' },
      { code: 'token_request_refused', received: 'status 403' },
    ],
    [
      'temporarily_unavailable',
      { status: 400, json: { error: 'temporarily_unavailable' } },
      { code: 'unavailable', step: 'token_request' },
    ],
  ])('%s: a typed error, and nothing is kept', async (_, answer, expected) => {
    const scene = await createScene();
    scene.authority.endpoints.token.answerWith(answer);
    const tokens = createTokenSource(scene.options);
    expect(await failureOf(tokens.getToken())).toMatchObject({
      server: scene.authority.tokenEndpoint,
      ...expected,
    });
    expect(scene.authority.requests.filter(({ endpoint }) => endpoint === 'other')).toHaveLength(0);
    scene.authority.comeBack();
    scene.authority.advanceSeconds(60);
    expect((await tokens.getToken()).accessToken).not.toBe('opaque-token');
  });

  it('T19: a token endpoint that hangs ends in a time-out', async () => {
    const scene = await createScene();
    scene.authority.endpoints.token.hang();
    const tokens = createTokenSource({ ...scene.options, timeoutMilliseconds: 150 });
    expect(await failureOf(tokens.getToken())).toMatchObject({
      code: 'timeout',
      step: 'token_request',
      expected: 'an answer within 150 ms in all',
    });
  });

  it('T19: a body that never ends in time ends in a time-out', async () => {
    const scene = await createScene();
    scene.authority.endpoints.token.answerWith({
      headers: { 'content-type': 'application/json' },
      chunks: '{"access_token":"drop by drop"}'.repeat(10),
      millisecondsBetweenChunks: 40,
    });
    const tokens = createTokenSource({ ...scene.options, timeoutMilliseconds: 200 });
    expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'timeout', step: 'token_request' });
  });

  it('T19: a connection cut without an answer is unreachable', async () => {
    const scene = await createScene();
    scene.authority.endpoints.token.goDown();
    expect(await failureOf(createTokenSource(scene.options).getToken())).toMatchObject({
      code: 'unreachable',
    });
  });

  it('T19: ends in a time-out even if fetch does not heed its signal', async () => {
    const scene = await createScene();
    const tokens = createTokenSource({
      ...scene.options,
      timeoutMilliseconds: 100,
      fetch: (url, init) => (init.method === 'POST' ? new Promise(() => undefined) : fetch(url, init)),
    });
    expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'timeout', step: 'token_request' });
  });

  it('T22: shows a hostile error_description without its control characters, and not at full length', async () => {
    const scene = await createScene();
    scene.authority.endpoints.token.answerWith({
      status: 400,
      json: {
        error: 'invalid_request',
        error_description: `\u001b[31mred\r\nfake log line \u202e${'x'.repeat(5000)}`,
      },
    });
    const { message, received } = await failureOf(createTokenSource(scene.options).getToken());
    expect(received).toContain('\\u{1b}[31mred\\u{d}\\u{a}fake log line \\u{202e}xxx');
    // eslint-disable-next-line no-control-regex
    expect(message).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(message.length).toBeLessThan(1000);
  });

  it('T22: conceals a secret that the server echoes as its content type', async () => {
    const scene = await createScene();
    const authentication = clientSecretPost({ clientSecret: 'CANARY-Secret' });
    scene.authority.endpoints.token.answerWith(withBody('{}', 'text/CANARY-Secret'));
    const error = await failureOf(createTokenSource({ ...scene.options, authentication }).getToken());
    expect(error.received).toBe('text/[concealed]');
  });

  it.each([
    ['in part', (secret: string) => secret.slice(3)],
    ['in upper case', (secret: string) => secret.toUpperCase()],
    ['in hexadecimal', (secret: string) => Buffer.from(secret).toString('hex')],
  ])('T22: conceals a secret that the server echoes %s', async (_, change) => {
    const scene = await createScene();
    scene.authority.endpoints.token.answerWith({
      status: 401,
      json: { error: 'invalid_client', error_description: `not ${change(SECRET)}` },
    });
    const { received } = await failureOf(createTokenSource(scene.options).getToken());
    expect(received).toBe('status 401, error "invalid_client": "not [concealed]"');
  });

  it('T22: leaves the words of a refusal that the request has too', async () => {
    const scene = await createScene();
    const words = `no client_credentials for ${CLIENT_ID} at ${scene.resource}`;
    scene.authority.endpoints.token.answerWith({
      status: 400,
      json: { error: 'unauthorized_client', error_description: words },
    });
    const { received } = await failureOf(createTokenSource(scene.options).getToken());
    expect(received).toBe(`status 400, error "unauthorized_client": "${words}"`);
  });

  it('T22: conceals a secret that the server echoes', async () => {
    const scene = await createScene();
    scene.authority.endpoints.token.answerWith(({ headers }) => ({
      status: 401,
      json: {
        error: 'invalid_client',
        error_description: `wrong secret ${SECRET} in ${String(headers.authorization)}`,
      },
    }));
    const { received } = await failureOf(createTokenSource(scene.options).getToken());
    expect(received).toBe('status 401, error "invalid_client": "wrong secret [concealed] in [concealed]"');
  });
});

describe('an unusual but acceptable token response', () => {
  it('T6: with a lifetime of zero is used by those who wait for it, and not kept', async () => {
    const scene = await createScene();
    scene.authority.endpoints.token.answerWith(token({ expires_in: 0 }));
    const tokens = createTokenSource(scene.options);
    const waiting = await Promise.all([tokens.getToken(), tokens.getToken()]);
    expect(waiting.map(({ accessToken }) => accessToken)).toEqual(['opaque-token', 'opaque-token']);
    expect(tokenRequests(scene)).toHaveLength(1);
    await tokens.getToken();
    expect(tokenRequests(scene)).toHaveLength(2);
  });

  it('without a lifetime is kept for five minutes at most', async () => {
    const scene = await createScene();
    scene.authority.endpoints.token.answerWith(token({ expires_in: undefined }));
    const tokens = createTokenSource(scene.options);
    expect((await tokens.getToken()).expiresAt).toBeUndefined();
    await tokens.getToken();
    expect(tokenRequests(scene)).toHaveLength(1);
    scene.authority.advanceSeconds(301);
    await tokens.getToken();
    expect(tokenRequests(scene)).toHaveLength(2);
  });

  it('T15: with wider scope is used, with a warning', async () => {
    const scene = await createScene();
    scene.authority.endpoints.token.answerWith(token({ scope: 'read admin' }));
    const obtained = await createTokenSource({ ...scene.options, scopes: ['read'] }).getToken();
    expect(obtained.scopes).toEqual(['read', 'admin']);
    expect(scene.events.at(-1)).toEqual({
      type: 'scope_widened',
      resource: scene.resource,
      requested: ['read'],
      granted: ['read', 'admin'],
    });
  });

  it('T16: with a refresh token: that one is neither used nor shown', async () => {
    const scene = await createScene();
    scene.authority.endpoints.token.answerWith(token({ refresh_token: 'refresh-canary', expires_in: 1 }));
    const tokens = createTokenSource(scene.options);
    expect(JSON.stringify(Object.entries(await tokens.getToken()))).not.toContain('refresh-canary');
    scene.authority.advanceSeconds(2);
    await tokens.getToken();
    expect(tokenRequests(scene).map((request) => request.get('grant_type'))).toEqual([
      'client_credentials',
      'client_credentials',
    ]);
    expect(scene.authority.requests.some(({ body }) => body.includes('refresh-canary'))).toBe(false);
  });

  it.each<[string, EndpointAnswer, object]>([
    ['bearer in lower case', token({ token_type: 'bearer' }), { tokenType: 'Bearer' }],
    ['a lifetime as digits in a string', token({ expires_in: '300' }), { tokenType: 'Bearer' }],
    ['a lifetime with a fraction', token({ expires_in: 300.7 }), { tokenType: 'Bearer' }],
    ['null for what is absent', token({ scope: null, error: null, refresh_token: null }), { scopes: [] }],
    ['a charset', withBody(JSON.stringify(good), 'application/json; charset=utf-8'), { tokenType: 'Bearer' }],
  ])('with %s is accepted', async (_, answer, expected) => {
    const scene = await createScene();
    scene.authority.endpoints.token.answerWith(answer);
    expect(await createTokenSource(scene.options).getToken()).toMatchObject(expected);
  });
});
