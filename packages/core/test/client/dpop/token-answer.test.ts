import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { call, createScene, obtainToken, tokenForm, tokenAnswer, nonceError } from './scene.ts';

describe('a token given for a proof', () => {
  it.each([
    ['Bearer', '"Bearer"'],
    ['bearer', '"Bearer"'],
    ['an-access-token', 'another type'],
    [undefined, 'none'],
    [['DPoP'], 'an array'],
  ])('D29: is refused if its type is %j', async (type, received) => {
    const scene = await createScene();
    scene.authority.endpoints.token.answerWith(tokenAnswer(type));
    const failure: unknown = await obtainToken(scene, scene.wrap()).catch((error: unknown) => error);
    const server = scene.authority.tokenEndpoint;
    expect(failure).toMatchObject({ name: 'DpopError', code: 'token_not_bound', server, received });
    expect(failure).toMatchObject({
      expected: '"token_type": "DPoP"',
      hint: expect.stringMatching(/requireBound/) as string,
    });
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toMatch(/an-access-token|a test secret/);
  });

  it('D29: is refused with any status of success', async () => {
    const scene = await createScene();
    scene.authority.endpoints.token.answerWith({ ...tokenAnswer('Bearer'), status: 201 });
    await expect(obtainToken(scene, scene.wrap())).rejects.toMatchObject({ code: 'token_not_bound' });
  });

  it('D29: is refused when it comes only after a nonce', async () => {
    const scene = await createScene();
    const { token } = scene.authority.endpoints;
    let count = 0;
    token.answerWith(() => (++count === 1 ? nonceError('as-1') : tokenAnswer('Bearer')));
    await expect(obtainToken(scene, scene.wrap())).rejects.toMatchObject({ code: 'token_not_bound' });
    expect(token.requests).toHaveLength(2);
  });

  it('D29: is refused even where the answer is not quite UTF-8, which a flow may read all the same', async () => {
    const scene = await createScene();
    const body = Buffer.from(
      '\xef\xbb\xbf{"x":"\xff","token_type":"DPoP","access_token":"t","token_type":"Bearer"}',
      'latin1',
    );
    scene.authority.endpoints.token.answerWith({ body });
    await expect(obtainToken(scene, scene.wrap())).rejects.toMatchObject({ code: 'token_not_bound' });
  });

  it('D29: is handed on by choice, and then goes as Bearer, without a proof', async () => {
    const scene = await createScene();
    scene.authority.endpoints.token.answerWith({
      json: { access_token: scene.authority.mint({ aud: scene.resource }), token_type: 'Bearer' },
    });
    const wrapped = scene.wrap({ requireBound: false });
    const token = await obtainToken(scene, wrapped);
    expect((await call(scene, wrapped, token)).status).toBe(200);
    expect(scene.sent[1]?.headers.get('authorization')).toBe(`Bearer ${token}`);
    expect(scene.sent[1]?.headers.has('dpop')).toBe(false);
  });

  it('may be no access token, but what a token exchange gives in its place', async () => {
    const scene = await createScene();
    scene.authority.endpoints.token.answerWith(tokenAnswer('N_A'));
    const wrapped = scene.wrap();
    expect(await obtainToken(scene, wrapped)).toBe('an-access-token');
    await call(scene, wrapped, 'an-access-token');
    expect(scene.sent[1]?.headers.has('dpop')).toBe(false);
  });

  it.each([200, 400])('T17: is not waited for in an endless answer of status %i', async (status) => {
    const scene = await createScene();
    const endless = (function* () {
      for (;;) yield 'x'.repeat(65_536);
    })();
    scene.authority.endpoints.token.answerWith({ status, chunks: endless });
    await expect(obtainToken(scene, scene.wrap())).rejects.toMatchObject({
      name: 'DpopError',
      code: 'token_response_too_large',
      expected: 'at most 65536 bytes',
    });
  });

  it.each([
    ['T1: HTML', { headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['an answer that is an array', { json: [] }],
    ['an answer that is null', { json: null }],
    ['an answer of status 204', { status: 204 }],
    ['an answer of status 503', { status: 503, body: 'busy' }],
  ])('%s has none, and is left to the flow to judge', async (_, answer) => {
    const scene = await createScene();
    scene.authority.endpoints.token.answerWith(answer);
    const response = await scene.wrap()(scene.authority.tokenEndpoint, {
      method: 'POST',
      body: tokenForm(scene),
    });
    expect(response.status).toBe((answer as { status?: number }).status ?? 200);
  });
});
