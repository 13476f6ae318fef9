import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { createSigningKey, type EndpointAnswer } from '@mcp-m2m/testing';
import { describe, expect, it } from 'vitest';
import { ask, expectServed } from '../asking.ts';
import { expectInvalidToken } from '../protected-app.ts';
import {
  TYPE,
  expectUntold,
  listToken,
  nowSeconds,
  scene,
  serve,
  setUpStatusLists,
  start,
  tokenAt,
  uri,
} from '../status-list-app.ts';

setUpStatusLists();

describe('at an address that must not be fetched', () => {
  it.each([
    ['of the cloud’s metadata service', 'http://169.254.169.254/latest/meta-data'],
    ['of the same, over https', 'https://169.254.169.254/latest/meta-data'],
    ['in a private network', 'https://10.0.0.1/list'],
    ['of another origin', 'https://evil.example/list'],
    ['of a file', 'file:///etc/passwd'],
    ['that is data', 'data:application/statuslist+jwt,x'],
    ['that is a script', 'javascript:alert(1)'],
    ['that is relative', '/lists/1'],
    ['that is empty', ''],
  ])('%s is 503, and nothing is fetched', async (_, address) => {
    const fetched: string[] = [];
    await using careful = await start({
      statusLists: { origins: [scene.lists.origin] },
      fetch: (url, init) => {
        fetched.push(url);
        return fetch(url, init);
      },
    });
    await careful.auth.preload();
    fetched.length = 0;
    const status = { status_list: { idx: 0, uri: address } };
    await expectUntold(careful, scene.authority.mint({ status }));
    expect(fetched).toEqual([]);
  });

  it.each([
    ['another port', (origin: string) => origin.replace(/\d+$/, '1')],
    ['user information before ours', (origin: string) => origin.replace('//', '//user:pass@')],
    ['our host as user information', (origin: string) => `${origin}@evil.example`],
    ['our host as a subdomain', (origin: string) => origin.replace(/:\d+$/, '.evil.example')],
  ])('with %s is 503, and nothing is fetched', async (_, change) => {
    const status = { status_list: { idx: 0, uri: `${change(scene.lists.origin)}/lists/1` } };
    await expectUntold(scene.app, scene.authority.mint({ status }));
    expect(scene.lists.requests).toEqual([]);
  });

  it.each([301, 302, 307, 308])('that it redirects to (%i) is 503', async (status) => {
    scene.lists.answerWith({ status, headers: { location: `${scene.authority.issuer}/elsewhere` } });
    await expectUntold(scene.app, tokenAt(0));
    expect(scene.authority.requests.filter(({ endpoint }) => endpoint === 'other')).toEqual([]);
  });
});

it.each([
  ['status is a text', 'active'],
  ['status is null', null],
  ['status is a list', []],
  ['status is of another kind alone', { identifier_list: { id: 'x', uri: 'https://x.example' } }],
  ['the reference is null', { status_list: null }],
  ['the reference is a text', { status_list: 'x' }],
  ['the index is missing', { status_list: { uri: 'https://x.example' } }],
  ['the index is a text', { status_list: { idx: '0', uri: 'https://x.example' } }],
  ['the index is negative', { status_list: { idx: -1, uri: 'https://x.example' } }],
  ['the index is a fraction', { status_list: { idx: 0.5, uri: 'https://x.example' } }],
  ['the index is beyond all bounds', { status_list: { idx: 2 ** 53, uri: 'https://x.example' } }],
  ['the address is missing', { status_list: { idx: 0 } }],
  ['the address is a list', { status_list: { idx: 0, uri: ['https://x.example'] } }],
])('refuses a token whose %s', async (_, status) => {
  await expectInvalidToken(
    scene.app,
    await ask(scene.app, scene.authority.mint({ status })),
    'claim_invalid',
  );
  expect(scene.lists.requests).toEqual([]);
});

const attacked = async (): Promise<string> => listToken([0], 1, {}, { key: await createSigningKey() });
const withHeader = (header: Readonly<Record<string, unknown>>): string => listToken([0], 1, {}, { header });
const withList = (lst: unknown, bits: unknown = 1): string =>
  listToken([0], 1, { status_list: { bits, lst } });
const body = (text: string | Buffer): EndpointAnswer => ({ headers: TYPE, body: text });

it.each<readonly [string, () => EndpointAnswer | Promise<EndpointAnswer>]>([
  ['signed by another key', async () => body(await attacked())],
  [
    'signed by another key under the right key id',
    async () => {
      const key = await createSigningKey();
      const { keyId } = scene.authority.signingKey;
      return body(listToken([0], 1, {}, { key, header: { kid: keyId } }));
    },
  ],
  ['of another type', () => body(withHeader({ typ: 'JWT' }))],
  ['of no type', () => body(withHeader({ typ: undefined }))],
  [
    'that is an access token',
    () => body(scene.authority.mint({ sub: uri(), status_list: { bits: 1, lst: 'x' } })),
  ],
  ['with crit', () => body(withHeader({ crit: ['exp'] }))],
  ['with alg none', () => body(withHeader({ alg: 'none' }))],
  ['for another address', () => body(listToken([0], 1, { sub: `${uri()}2` }))],
  ['for no address', () => body(listToken([0], 1, { sub: undefined }))],
  ['of another issuer', () => body(listToken([0], 1, { iss: 'https://other.example' }))],
  ['without iat', () => body(listToken([0], 1, { iat: undefined }))],
  ['with an iat that is a text', () => body(listToken([0], 1, { iat: 'now' }))],
  ['from the future', () => body(listToken([0], 1, { iat: nowSeconds() + 60 }))],
  ['that has expired', () => body(listToken([0], 1, { exp: nowSeconds() - 31 }))],
  ['with an expiry that is a text', () => body(listToken([0], 1, { exp: 'later' }))],
  ['without a list', () => body(listToken([0], 1, { status_list: undefined }))],
  ['with a list that is null', () => body(listToken([0], 1, { status_list: null }))],
  ['with 3 bits', () => body(withList('eNrbuRgAAhcBXQ', 3))],
  ['with 16 bits', () => body(withList('eNrbuRgAAhcBXQ', 16))],
  ['with bits as text', () => body(withList('eNrbuRgAAhcBXQ', '1'))],
  ['with a list that is an array', () => body(withList([0]))],
  ['with padding in the list', () => body(withList('eNrbuRgAAhcBXQ=='))],
  ['with a list that is not compressed', () => body(withList('AAAA'))],
  ['with gzip instead of zlib', () => body(withList(gzipSync(Buffer.alloc(4)).toString('base64url')))],
  ['without the zlib header', () => body(withList(deflateRawSync(Buffer.alloc(4)).toString('base64url')))],
  ['that is cut off', () => body(withList('eNrbuRgAAhcB'))],
  ['with something behind the end of the data', () => body(withList('eNrbuRgAAhcBXQAA'))],
  ['with a wrong checksum', () => body(withList('eNrbuRgAAhcBXA'))],
  ['with an empty list', () => body(withList(deflateSync(Buffer.alloc(0)).toString('base64url')))],
  [
    'that unfolds to 100 MB',
    () => body(withList(deflateSync(Buffer.alloc(100_000_000)).toString('base64url'))),
  ],
  ['that is longer than 2 MiB', () => body('x'.repeat(2_100_000))],
  ['that is not a JWT', () => body('x')],
  ['that is empty', () => body('')],
  ['as JSON', () => ({ json: { status_list: { bits: 1, lst: 'eNrbuRgAAhcBXQ' } } })],
  ['as HTML', () => ({ headers: { 'content-type': 'text/html' }, body: '<html></html>' })],
  ['with status 404', () => ({ status: 404, headers: TYPE, body: listToken([0]) })],
  ['with status 500', () => ({ status: 500 })],
  [
    'that trickles',
    () => ({ headers: TYPE, chunks: Array<string>(1000).fill('x'), millisecondsBetweenChunks: 50 }),
  ],
  ['that breaks off', () => ({ ...body(listToken([0])), thenReset: true })],
])('%s is 503 when it is the first, and left aside when there is one in hand', async (_, answer) => {
  scene.lists.answerWith(await answer());
  const token = tokenAt(0, { exp: nowSeconds() + 10_000 });
  await expectUntold(scene.app, token);
  serve(listToken([0]));
  await expectUntold(scene.app, token);
  scene.authority.advanceSeconds(5);
  await expectServed(scene.app, token);
  scene.authority.advanceSeconds(60);
  scene.lists.answerWith(await answer());
  await expectServed(scene.app, token);
});
