import { decodeJwt, generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  clientCredentials,
  createMemoryTokenStore,
  createTokenSource,
  createTokenSources,
  jwtBearer,
  selfSignedAssertion,
  tokenExchange,
  TOKEN_TYPES,
  type AuthorizationGrant,
  type TokenStore,
} from '../../../src/client/index.ts';
import { createScene, tokenRequests } from '../scene.ts';
import { createGrantScene } from './grant-scene.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const { privateKey } = await generateKeyPair('ES256');

/** An authorization server whose tokens say whose assertion they were given for. */
async function setUp() {
  const scene = await createGrantScene(GRANT, async (form) => ({
    access_token: `for-${String(decodeJwt(form.get('assertion') ?? '').sub)}`,
  }));
  const { resource, ...client } = scene.options;
  const signedFor = (subject?: string): AuthorizationGrant =>
    jwtBearer({ assertion: selfSignedAssertion({ key: privateKey, algorithm: 'ES256', subject }) });
  /** As `signedFor`, by a function that does not tell beforehand whom it signs for. */
  const silentlyFor = (subject: string): AuthorizationGrant => {
    const source = selfSignedAssertion({ key: privateKey, algorithm: 'ES256', subject });
    return jwtBearer({ assertion: (request) => source.getAssertion(request) });
  };
  return { scene, resource, client, signedFor, silentlyFor };
}

it('a client never gets the token of one subject for another, though all is kept in one store', async () => {
  const { scene, resource, client, signedFor, silentlyFor } = await setUp();
  const sources = createTokenSources({ ...client, grant: signedFor() });
  const grants = [signedFor('alice'), signedFor('bob'), silentlyFor('carol'), silentlyFor('dave')];
  for (let round = 0; round < 2; round++) {
    const obtained = await Promise.all(
      grants.map((grant) => sources.sourceFor(resource, { grant }).getToken()),
    );
    expect(obtained.map(({ accessToken }) => accessToken)).toEqual([
      'for-alice',
      'for-bob',
      'for-carol',
      'for-dave',
    ]);
  }
  expect((await sources.sourceFor(resource).getToken()).accessToken).toBe('for-nightly-report');
  expect(tokenRequests(scene)).toHaveLength(5);
});

it('nor do clients of one id that share a store', async () => {
  const { scene, resource, client, signedFor } = await setUp();
  const store = createMemoryTokenStore();
  const obtain = async (grant: AuthorizationGrant) =>
    (await createTokenSource({ ...client, resource, store, grant }).getToken()).accessToken;
  expect(await obtain(signedFor('alice'))).toBe('for-alice');
  expect(await obtain(signedFor('bob'))).toBe('for-bob');
  expect(await obtain(signedFor())).toBe('for-nightly-report');
  expect(await obtain(signedFor('alice'))).toBe('for-alice');
  expect(tokenRequests(scene)).toHaveLength(3);
});

it('a source that was asked for with the grant of all is found by its URL as well', async () => {
  const { resource, client, signedFor } = await setUp();
  const grant = signedFor();
  const sources = createTokenSources({ ...client, grant });
  const source = sources.sourceFor(resource, { grant });
  expect(sources.find(new URL(resource))).toBeUndefined();
  expect(sources.sourceFor(resource)).toBe(source);
  expect(sources.find(new URL(resource))).toBe(source);
});

describe('a token exchange by several actors for one subject', () => {
  const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
  const setUpExchange = async () => {
    const scene = await createGrantScene(EXCHANGE, async (form) => ({
      access_token: `${String(form.get('subject_token'))}-by-${form.get('actor_token') ?? 'the-client'}`,
      issued_token_type: TOKEN_TYPES.accessToken,
    }));
    const { resource, ...client } = scene.options;
    return { scene, resource, client };
  };
  const actors = [undefined, 'desk', 'robot', '["desk"]'];
  const grantBy = (actorToken: string | undefined) =>
    tokenExchange({ subjectToken: 'alice', subject: 'alice', actorToken });

  it('keeps them apart in one client', async () => {
    const { scene, resource, client } = await setUpExchange();
    const sources = createTokenSources(client);
    for (let round = 0; round < 2; round++) {
      for (const actor of actors) {
        const { accessToken } = await sources.sourceFor(resource, { grant: grantBy(actor) }).getToken();
        expect(accessToken).toBe(`alice-by-${actor ?? 'the-client'}`);
      }
    }
    expect(tokenRequests(scene)).toHaveLength(actors.length);
  });

  it('keeps them apart in a store, whose keys hold no token', async () => {
    const { scene, resource, client } = await setUpExchange();
    const memory = createMemoryTokenStore();
    const keys = new Set<string>();
    const store: TokenStore = {
      read: (key) => {
        keys.add(key);
        return memory.read(key);
      },
      compareAndSet: (...change) => memory.compareAndSet(...change),
    };
    for (let round = 0; round < 2; round++) {
      for (const actor of actors) {
        const tokens = createTokenSource({ ...client, resource, store, grant: grantBy(actor) });
        expect((await tokens.getToken()).accessToken).toBe(`alice-by-${actor ?? 'the-client'}`);
      }
    }
    expect(tokenRequests(scene)).toHaveLength(actors.length);
    expect(keys.size).toBe(actors.length);
    for (const key of keys) expect(key).toMatch(/^[\w-]{43}$/);
  });

  it('goes by the name of an actor whose token is renewed', async () => {
    const { scene, resource, client } = await setUpExchange();
    const sources = createTokenSources(client);
    const sourceBy = (actor: string, actorToken: string) =>
      sources.sourceFor(resource, {
        grant: tokenExchange({ subjectToken: 'alice', actorToken: async () => actorToken, actor }),
      });
    const source = sourceBy('desk', 'token-1');
    expect((await source.getToken()).accessToken).toBe('alice-by-token-1');
    expect(sourceBy('desk', 'token-2')).toBe(source);
    scene.authority.advanceSeconds(290);
    expect((await source.getToken()).accessToken).toBe('alice-by-token-2');
    expect((await sourceBy('robot', 'token-3').getToken()).accessToken).toBe('alice-by-token-3');
  });

  it('takes the name that the source of the actor token has', async () => {
    const { resource, client } = await setUpExchange();
    const store = createMemoryTokenStore();
    const obtainBy = async (subject: string) => {
      const actorToken = { name: 'a workload', subject, getAssertion: async () => `workload-${subject}` };
      const grant = tokenExchange({ subjectToken: 'alice', actorToken });
      return (await createTokenSource({ ...client, resource, store, grant }).getToken()).accessToken;
    };
    expect(await obtainBy('desk')).toBe('alice-by-workload-desk');
    expect(await obtainBy('robot')).toBe('alice-by-workload-robot');
  });
});

it('what is the client’s own is shared, however its grant was made', async () => {
  const { scene, resource, client, signedFor } = await setUp();
  const store = createMemoryTokenStore();
  const obtain = async (): Promise<string> =>
    (
      await createTokenSources({ ...client, store, grant: signedFor() })
        .sourceFor(resource)
        .getToken()
    ).accessToken;
  expect([await obtain(), await obtain()]).toEqual(Array(2).fill('for-nightly-report'));
  expect(tokenRequests(scene)).toHaveLength(1);
  const ordinary = await createScene();
  const { resource: protectedResource, ...own } = ordinary.options;
  const sources = createTokenSources(own);
  const tokens = [
    await sources.sourceFor(protectedResource).getToken(),
    await sources.sourceFor(protectedResource, { grant: clientCredentials() }).getToken(),
  ];
  expect(tokens[1]?.accessToken).toBe(tokens[0]?.accessToken);
  expect(tokenRequests(ordinary)).toHaveLength(1);
});

it('of several sources that cover a URL the longest is found, whichever was there first', async () => {
  const { resource, client } = await setUp();
  const sources = createTokenSources(client);
  const deeper = sources.sourceFor(`${String(resource)}/deeper`);
  const shallow = sources.sourceFor(resource);
  expect(sources.find(new URL(`${String(resource)}/deeper/x`))).toBe(deeper);
  expect(sources.find(new URL(`${String(resource)}/other`))).toBe(shallow);
});

it.each([[''], [7], [null]])('refuses %j as a subject', (subject) => {
  const assertion = async () => 'an-assertion';
  expect(() => jwtBearer({ assertion, subject: subject as never })).toThrow(/^subject must name whose/);
});
