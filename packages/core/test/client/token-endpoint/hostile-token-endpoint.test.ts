import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { authorizedFetch, createTokenSource } from '../../../src/client/index.ts';
import { startLoopbackServer, type Answer } from '../../loopback-server.ts';
import { openFetch } from '../../node/fetch/open-fetch.ts';
import { failureOf } from '../acquisition-failure.ts';
import { createScene, tokenRequests } from '../scene.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const TOKEN = '{"access_token":"hostile-token","token_type":"Bearer","expires_in":3600}';

const CUT_CODING: [string, Answer, object] = [
  'T19: a coding that is cut off',
  { body: gzipSync(TOKEN).subarray(0, -9), headers: { ...JSON_TYPE, 'content-encoding': 'gzip' } },
  { code: 'unreachable' },
];

/** Writes for as long as anybody reads. */
const endless: Answer = (response) => {
  response.writeHead(200, JSON_TYPE);
  const pump = (): void => {
    while (!response.destroyed && response.write(' '.repeat(65_536)));
  };
  response.on('drain', pump);
  pump();
};

describe.each(['the global fetch', 'createNodeFetch'])('a token endpoint, by %s', (which) => {
  it.each<[string, Answer, object]>([
    [
      'T17: 50 MB',
      { body: Buffer.alloc(50_000_000, ' '), headers: JSON_TYPE },
      { code: 'token_response_invalid' },
    ],
    ['T17: no end', endless, { code: 'token_response_invalid', expected: 'at most 65536 bytes' }],
    [
      'T17: 50 MB in a small bomb',
      {
        body: gzipSync(Buffer.alloc(50_000_000, ' ')),
        headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
      },
      { code: 'token_response_invalid' },
    ],
    ...[301, 302, 303, 307, 308].map((status): [string, Answer, object] => [
      `T18: ${status} with a token in its body`,
      { status, headers: { ...JSON_TYPE, location: '/elsewhere' }, body: TOKEN },
      { code: 'redirected', received: `status ${status}` },
    ]),
    ['T19: nothing', () => undefined, { code: 'timeout' }],
    ['T19: a reset', (response) => void response.socket?.resetAndDestroy(), { code: 'unreachable' }],
    [
      'T19: a head and no more',
      (response) => response.writeHead(200, JSON_TYPE).flushHeaders(),
      { code: 'timeout' },
    ],
    [
      'T19: a whole document in a body that is cut off',
      (response) =>
        void response
          .writeHead(200, { ...JSON_TYPE, 'content-length': TOKEN.length + 1 })
          .write(TOKEN, () => response.socket?.end()),
      { code: 'unreachable' },
    ],
    [
      'T19: a whole document without the last chunk',
      (response) => void response.writeHead(200, JSON_TYPE).write(TOKEN, () => response.destroy()),
      { code: 'unreachable' },
    ],
    // The global fetch takes a coding without its end for whole, as long as the message around it is.
    ...(which === 'createNodeFetch' ? [CUT_CODING] : []),
  ])('that answers with %s: a typed error, and nothing is kept', async (_, answer, expected) => {
    const scene = await createScene();
    const hostile = await startLoopbackServer(() => answer);
    scene.authority.setMetadata({ token_endpoint: `${hostile.origin}/token` });
    const fetch = which === 'createNodeFetch' ? openFetch({ allowLoopback: true }) : undefined;
    const tokens = createTokenSource({ ...scene.options, fetch, timeoutMilliseconds: 1500 });
    const error = await failureOf(tokens.getToken());
    expect(error).toMatchObject({ step: 'token_request', server: `${hostile.origin}/token`, ...expected });
    expect(hostile.requests.map(({ url }) => url)).toEqual(['/token']);
    expect(tokenRequests(scene)).toHaveLength(0);
    scene.authority.setMetadata({ token_endpoint: scene.authority.tokenEndpoint });
    scene.authority.advanceSeconds(3600);
    const { accessToken } = await tokens.getToken();
    expect([accessToken === 'hostile-token', tokenRequests(scene).length]).toEqual([false, 1]);
  });
});

describe('createNodeFetch', () => {
  it('serves a token source and authorizedFetch with one set of connections', async () => {
    const scene = await createScene();
    const fetch = openFetch({ allowLoopback: true });
    const tokens = createTokenSource({ ...scene.options, fetch });
    const call = authorizedFetch(tokens, { fetch });
    for (const body of ['"one"', '"two"']) {
      expect(await (await call(scene.resource, { method: 'POST', body })).json()).toMatchObject({
        echo: body,
      });
    }
    scene.revoked.add((await tokens.getToken()).accessToken);
    expect((await call(new URL(scene.resource), { method: 'POST', body: '"three"' })).status).toBe(200);
    expect(tokenRequests(scene)).toHaveLength(2);
  });
});
