import { inspect } from 'node:util';
import { createTestAuthority } from '@mcp-m2m/testing';
import * as fc from 'fast-check';
import { ClientSecretBasic } from 'oauth4webapi';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  clientSecretBasic,
  clientSecretPost,
  createTokenSource,
  type ClientSecret,
} from '../../src/client/index.ts';
import { failureOf } from '../client/acquisition-failure.ts';
import { CLIENT_ID, createScene, SECRET, tokenRequests } from '../client/scene.ts';
import { requestToken } from './token-request.ts';

const authentications = [
  ['clientSecretBasic', clientSecretBasic],
  ['clientSecretPost', clientSecretPost],
] as const;

const context = {
  issuer: 'https://auth.example.com',
  tokenEndpoint: 'https://auth.example.com/token',
  now: Date.now,
};

async function basicHeader(clientId: string, clientSecret: string): Promise<string> {
  const headers = new Headers();
  const request = { headers, parameters: new URLSearchParams(), conceal: () => undefined };
  await clientSecretBasic({ clientSecret }).authenticate(request, { ...context, clientId });
  expect([...request.parameters]).toEqual([]);
  return headers.get('authorization') ?? '';
}

/** Splits at the first colon and decodes, as a server does. */
function decodeBasic(header: string): string[] {
  const pair = Buffer.from(header.slice('Basic '.length), 'base64').toString('latin1');
  const colon = pair.indexOf(':');
  return [pair.slice(0, colon), pair.slice(colon + 1)].map((value) =>
    decodeURIComponent(value.replaceAll('+', ' ')),
  );
}

const RESERVED = ['%', '+', ':', '&', '=', ';', ' ', '\0', '\t', '\r', '\n', '"', '\\', '2', 'B', 'ü', '😀'];

/** Any text, and text of what has a meaning in headers, forms and pairs. */
const credential = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1 }),
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.string({ unit: fc.constantFrom(...RESERVED), minLength: 1 }),
  )
  .filter((value) => !/^[\r\n]|[\r\n]$/.test(value));

describe('clientSecretBasic', () => {
  it.each([
    ['%', 'id', 'per%cent', 'id:per%25cent'],
    ['+', 'id', 'a+b', 'id:a%2Bb'],
    [':', 'urn:id', 'a:b', 'urn%3Aid:a%3Ab'],
    ['a space', 'id', 'a b', 'id:a+b'],
    ['unicode', 'ïd', 'ü😀', '%C3%AFd:%C3%BC%F0%9F%98%80'],
  ])('form-encodes %s in id and secret one by one', async (_, id, secret, pair) => {
    expect(await basicHeader(id, secret)).toBe(`Basic ${Buffer.from(pair).toString('base64')}`);
  });

  it('A4: is understood by a server that decodes it as RFC 6749 says, whatever the characters', async () => {
    await fc.assert(
      fc.asyncProperty(credential, credential, async (id, secret) => {
        expect(decodeBasic(await basicHeader(id, secret))).toEqual([id, secret]);
      }),
    );
  });

  it('A4: is understood by a server over HTTP, whatever the characters', async () => {
    const authority = await createTestAuthority();
    onTestFinished(() => authority.close());
    await fc.assert(
      fc.asyncProperty(credential, credential, async (clientId, secret) => {
        authority.registerClient({ clientId, secret });
        const right = clientSecretBasic({ clientSecret: secret });
        expect(await requestToken(authority, right, clientId)).toMatchObject({ status: 200 });
        const wrong = clientSecretBasic({ clientSecret: `${secret}.` });
        expect(await requestToken(authority, wrong, clientId)).toMatchObject({ status: 401 });
      }),
      { numRuns: 100 },
    );
  });

  it('agrees with an independent client on what the characters become', async () => {
    await fc.assert(
      fc.asyncProperty(credential, credential, async (clientId, secret) => {
        const headers = new Headers();
        const server = { issuer: context.issuer };
        await ClientSecretBasic(secret)(server, { client_id: clientId }, new URLSearchParams(), headers);
        expect(decodeBasic(await basicHeader(clientId, secret))).toEqual(
          decodeBasic(headers.get('authorization') ?? ''),
        );
      }),
    );
  });

  it('sends the client id in the header only', async () => {
    const scene = await createScene();
    await createTokenSource(scene.options).getToken();
    expect(tokenRequests(scene)[0]?.has('client_id')).toBe(false);
    expect(scene.authority.endpoints.token.requests[0]?.headers.authorization).toMatch(/^Basic /);
  });
});

describe('clientSecretPost', () => {
  it('sends id and secret in the form, and no header', async () => {
    const scene = await createScene();
    await createTokenSource({
      ...scene.options,
      authentication: clientSecretPost({ clientSecret: SECRET }),
    }).getToken();
    expect(tokenRequests(scene)[0]?.get('client_id')).toBe(CLIENT_ID);
    expect(tokenRequests(scene)[0]?.get('client_secret')).toBe(SECRET);
    expect(scene.authority.endpoints.token.requests[0]?.headers.authorization).toBeUndefined();
  });
});

describe.each(authentications)('the secret of %s', (_name, create) => {
  it('is read anew at every token request, so that a rotated one needs no restart', async () => {
    const scene = await createScene();
    let secret = SECRET;
    const tokens = createTokenSource({
      ...scene.options,
      authentication: create({ clientSecret: () => Promise.resolve(secret) }),
    });
    await tokens.getToken();
    secret = 'the next one';
    scene.authority.registerClient({ clientId: CLIENT_ID, secret });
    scene.authority.advanceSeconds(400);
    await tokens.getToken();
    expect(scene.acquisitions()).toEqual(['cold success', 'refresh success']);
  });

  it('may fail to be read: the error says at which step, and keeps name and code of the causes', async () => {
    const scene = await createScene();
    const root = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const sealed = Object.assign(new Error('sealed', { cause: root }), {
      name: 'VaultError',
      code: 'E_SEALED',
    });
    const authentication = create({ clientSecret: () => Promise.reject(sealed) });
    const error = await failureOf(createTokenSource({ ...scene.options, authentication }).getToken());
    expect(error).toMatchObject({ code: 'client_authentication_failed', step: 'client_authentication' });
    expect(error.cause).toMatchObject({
      name: 'VaultError',
      code: 'E_SEALED',
      cause: { name: 'Error', code: 'ECONNREFUSED' },
    });
    expect(tokenRequests(scene)).toHaveLength(0);
  });

  it.each<[string, unknown]>([
    ['an error', new Error('vault said canary-secret')],
    ['the cause of an error', new Error('x', { cause: new Error('vault said canary-secret') })],
    ['an error with more to it', Object.assign(new Error('x'), { response: { data: 'canary-secret' } })],
    [
      'the name and code of an error',
      Object.assign(new Error('x'), { name: 'a canary-secret', code: 'a canary-secret' }),
    ],
    ['several errors', new AggregateError([new Error('canary-secret')], 'canary-secret')],
    ['a string', 'canary-secret'],
  ])('S1: is shown nowhere when its source throws it in %s', async (_, thrown) => {
    const scene = await createScene();
    const authentication = create({ clientSecret: () => Promise.reject(thrown) });
    const error = await failureOf(createTokenSource({ ...scene.options, authentication }).getToken());
    expect(error.code).toBe('client_authentication_failed');
    const printed = inspect([error, scene.events], { depth: null, showHidden: true });
    expect(printed).not.toContain('canary-secret');
  });

  it('may hang: the time budget covers it', async () => {
    const scene = await createScene();
    const authentication = create({ clientSecret: () => new Promise(() => undefined) });
    const tokens = createTokenSource({ ...scene.options, authentication, timeoutMilliseconds: 1_000 });
    expect(await failureOf(tokens.getToken())).toMatchObject({
      code: 'timeout',
      step: 'client_authentication',
    });
  });

  it.each([
    ['nothing', undefined],
    ['an empty string', ''],
    ['a line break at the end', 'canary-secret\n'],
    ['half of a surrogate pair', 'canary-secret\uD800'],
  ])('must not be read as %s', async (_, value) => {
    const scene = await createScene();
    const authentication = create({ clientSecret: () => value as string });
    const error = await failureOf(createTokenSource({ ...scene.options, authentication }).getToken());
    expect(error.code).toBe('client_authentication_failed');
    expect((error.cause as Error).message).toMatch(/^the function given as clientSecret: its value /);
    expect(String(error.cause)).not.toContain('canary-secret');
  });

  it.each([
    ['missing', {}, /clientSecret must be a string or a function that returns one, received none\./],
    ['a number', { clientSecret: 7 }, /clientSecret must be a string or a function.*received a number/],
    ['empty', { clientSecret: '' }, /clientSecret must not be empty/],
    [
      'read from a file whole',
      { clientSecret: 'canary-secret\n' },
      /clientSecret begins or ends with a line break/,
    ],
    [
      'misspelt',
      { clientSecrets: 'canary-secret' },
      /unknown option "clientSecrets", did you mean "clientSecret"/,
    ],
  ])('is refused at once when %s', (_, options, message) => {
    const attempt = () => create(options as { clientSecret: ClientSecret });
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow(/canary-secret/);
  });
});
