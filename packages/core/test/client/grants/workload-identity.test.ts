import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { inspect } from 'node:util';
import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  authorizedFetch,
  createTokenSource,
  jwtBearer,
  noClientAuthentication,
  type AssertionSource,
} from '../../../src/client/index.ts';
import {
  assertionFromCommand,
  assertionFromFile,
  githubActionsToken,
  kubernetesServiceAccountToken,
} from '../../../src/node/index.ts';
import { startLoopbackServer } from '../../loopback-server.ts';
import { createProjectedVolume } from '../../node/workload-identity/projected-volume.ts';
import { createFolder } from '../../node/workload-identity/scene.ts';
import { failureOf } from '../acquisition-failure.ts';
import { tokenRequests } from '../scene.ts';
import { createGrantScene, createSigner } from './grant-scene.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const REQUEST_TOKEN = 'canary.of-a-request.token';

/** An authorization server that trusts one platform, for the workload it knows. */
async function setUp() {
  const platform = await createSigner();
  const scene = await createGrantScene(GRANT, async (form) => {
    const { sub } = await platform.verify(form.get('assertion') ?? '', scene.authority.issuer);
    if (sub !== 'system:serviceaccount:deploy:nightly') throw new Error(`no rule for ${sub}`);
    return { scope: 'deploy:read' };
  });
  let count = 0;
  const assert = (claims: Record<string, unknown> = {}) =>
    platform.sign({
      sub: 'system:serviceaccount:deploy:nightly',
      aud: scene.authority.issuer,
      exp: Math.floor(scene.authority.now() / 1000) + 3600,
      jti: `assertion-${++count}`,
      ...claims,
    });
  const createSource = (assertion: AssertionSource) =>
    createTokenSource({
      ...scene.options,
      authentication: noClientAuthentication(),
      grant: jwtBearer({ assertion }),
    });
  const presented = () =>
    tokenRequests(scene).map((form) => decodeJwt(form.get('assertion') ?? '').jti?.replace('assertion-', ''));
  return { scene, assert, createSource, presented };
}

/** Where the workload's token comes from, and how its platform rotates it. */
type Platform = (
  assert: () => Promise<string>,
) => Promise<{ source: AssertionSource; rotate: () => Promise<void> }>;

const PLATFORMS: Readonly<Record<string, Platform>> = {
  'the projected token of a Kubernetes service account': async (assert) => {
    const volume = await createProjectedVolume(await assert());
    return {
      source: kubernetesServiceAccountToken({ path: volume.path }),
      rotate: async () => volume.rotate(await assert()),
    };
  },
  'a job of GitHub Actions': async (assert) => {
    const { origin } = await startLoopbackServer(async ({ headers }) =>
      headers.authorization === `Bearer ${REQUEST_TOKEN}`
        ? { json: { value: await assert() } }
        : { status: 401 },
    );
    const environment = {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${origin}/idtoken?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: REQUEST_TOKEN,
    };
    // Each is fresh already.
    return { source: githubActionsToken({ environment }), rotate: async () => undefined };
  },
  'a command': async (assert) => {
    const folder = await createFolder();
    const [script, token] = [join(folder, 'script.mjs'), join(folder, 'token')];
    await writeFile(
      script,
      `import { readFileSync } from 'node:fs'; console.log(readFileSync(process.argv[2], 'utf8'));`,
    );
    await writeFile(token, await assert());
    return {
      source: assertionFromCommand(execPath, [script, token]),
      rotate: async () => writeFile(token, await assert()),
    };
  },
  'a file': async (assert) => {
    const path = join(await createFolder(), 'token');
    await writeFile(path, await assert());
    return { source: assertionFromFile(path), rotate: async () => writeFile(path, await assert()) };
  },
};

describe.each(Object.entries(PLATFORMS))('a source whose workload identity comes from %s', (_, start) => {
  it('gets a token for it, without a secret of its own, and presents a rotated one at the next renewal', async () => {
    const { scene, assert, createSource, presented } = await setUp();
    const { source, rotate } = await start(assert);
    const tokens = createSource(source);
    const fetch = authorizedFetch(tokens);
    expect((await fetch(scene.resource)).status).toBe(200);
    await rotate();
    expect((await fetch(scene.resource)).status).toBe(200);
    expect(presented()).toEqual(['1']);
    scene.authority.advanceSeconds(290);
    expect((await fetch(scene.resource)).status).toBe(200);
    expect(presented()).toEqual(['1', '2']);
    expect(Object.keys(Object.fromEntries(tokenRequests(scene)[1] ?? [])).toSorted()).toEqual([
      'assertion',
      'client_id',
      'grant_type',
      'resource',
    ]);
    expect(scene.acquisitions()).toEqual(['cold success', 'refresh success']);
  });

  it('asks once for fifty callers at once', async () => {
    const { scene, assert, createSource } = await setUp();
    const { source } = await start(assert);
    const tokens = createSource(source);
    await Promise.all(Array.from({ length: 50 }, () => tokens.getToken()));
    expect(tokenRequests(scene)).toHaveLength(1);
  });

  it('S2, S3: shows no assertion where the authorization server refuses and repeats it', async () => {
    const { scene, assert, createSource } = await setUp();
    const { source } = await start(() => assert());
    scene.authority.endpoints.token.answerWith(({ body }) => ({
      status: 400,
      json: { error: 'invalid_grant', error_description: new URLSearchParams(body).get('assertion') },
    }));
    const failure = await failureOf(createSource(source).getToken());
    expect(failure).toMatchObject({ code: 'invalid_grant', step: 'token_request' });
    const [sent] = tokenRequests(scene).map((form) => form.get('assertion') ?? '');
    const shown = inspect([failure, scene.events], { showHidden: true, depth: 12 });
    for (const part of sent?.split('.') ?? []) expect(shown).not.toContain(part);
    expect(shown).not.toContain(REQUEST_TOKEN);
  });
});

describe('a refused workload identity', () => {
  it('is not presented again soon, and its hint speaks of the assertion', async () => {
    const { scene, assert, createSource, presented } = await setUp();
    const path = join(await createFolder(), 'token');
    await writeFile(path, await assert({ sub: 'system:serviceaccount:deploy:stranger' }));
    const tokens = createSource(assertionFromFile(path));
    const failure = await failureOf(tokens.getToken());
    expect(failure).toMatchObject({
      code: 'invalid_grant',
      received: expect.stringContaining('no rule for system:serviceaccount:deploy:stranger') as string,
      hint: expect.stringContaining('compare issuer, subject, audience and expiry') as string,
    });
    for (let call = 0; call < 20; call++) await failureOf(tokens.getToken());
    expect(presented()).toEqual(['1']);
    await writeFile(path, await assert());
    scene.authority.advanceSeconds(60);
    await expect(tokens.getToken()).resolves.toMatchObject({ scopes: ['deploy:read'] });
  });

  it.each([
    ['unauthorized_client', 'Have an administrator allow this client the grant that it uses.'],
    ['unsupported_grant_type', 'Enable the grant that this client uses at the authorization server.'],
  ])('is told %s in words that hold for its grant', async (error, hint) => {
    const { scene, assert, createSource } = await setUp();
    scene.authority.endpoints.token.answerWith({ status: 400, json: { error } });
    const { source } = await (PLATFORMS['a file'] as Platform)(assert);
    expect((await failureOf(createSource(source).getToken())).hint).toBe(hint);
  });

  it('that expired meanwhile is not even sent', async () => {
    const { scene, assert, createSource } = await setUp();
    const { source } = await (PLATFORMS['a file'] as Platform)(() => assert({ exp: 1 }));
    expect(await failureOf(createSource(source).getToken())).toMatchObject({
      code: 'assertion_unavailable',
      step: 'assertion',
      expected: 'a token that is still valid',
    });
    expect(tokenRequests(scene)).toEqual([]);
  });
});

describe('a workload identity that cannot be had', () => {
  it('is looked for again within seconds where that may help, and found', async () => {
    const { scene, assert, createSource } = await setUp();
    const path = join(await createFolder(), 'token');
    const tokens = createSource(assertionFromFile(path));
    expect(await failureOf(tokens.getToken())).toMatchObject({ received: 'no such file' });
    await writeFile(path, await assert());
    scene.authority.advanceSeconds(2);
    await expect(tokens.getToken()).resolves.toBeDefined();
  });

  it('is not looked for again soon where somebody has to act first', async () => {
    const { scene, assert, createSource } = await setUp();
    const path = join(await createFolder(), 'token');
    await writeFile(path, await assert({ aud: 'https://kubernetes.default.svc' }));
    const tokens = createSource(kubernetesServiceAccountToken({ path }));
    const { retryAt } = await failureOf(tokens.getToken());
    expect((retryAt?.getTime() ?? 0) - scene.authority.now()).toBeGreaterThan(20_000);
  });

  it('fails nobody while the token in use lives', async () => {
    const { scene, assert, createSource } = await setUp();
    const path = join(await createFolder(), 'token');
    await writeFile(path, await assert());
    const tokens = createSource(assertionFromFile(path));
    const first = await tokens.getToken();
    await rm(path);
    for (const seconds of [250, 30, 15]) {
      scene.authority.advanceSeconds(seconds);
      expect(await tokens.getToken()).toBe(first);
    }
    scene.authority.advanceSeconds(20);
    expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'assertion_unavailable' });
  });
});
