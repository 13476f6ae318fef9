import { createSigningKey } from '@mcp-m2m/testing';
import { describe, expect, it } from 'vitest';

import type { TrustCondition } from '../../src/index.ts';
import { bear, registerWorkload, startIssuer, SUBJECT, trustIssuer, workloadToken } from '../grants/scene.ts';
import { startServerForFile } from '../server-for-file.ts';

const running = await startServerForFile();
const { trust } = running.server;
const authority = await startIssuer();
await registerWorkload(running, 'ci');
const GITHUB = 'https://token.actions.githubusercontent.com';
const pinned: TrustCondition[] = [{ claim: 'sub', equals: SUBJECT }];
const by = { actor: 'alice', address: '192.0.2.1' };

describe('trusted issuers', () => {
  it('are created, read, listed, changed and deleted, and every change is reported with who made it', async () => {
    const created = await trust.issuers.create(
      { issuer: 'https://one.example.com', kind: 'workload', label: 'One' },
      by,
    );
    expect(created).toMatchObject({
      issuer: 'https://one.example.com',
      kind: 'workload',
      label: 'One',
      jwksUri: undefined,
      singleUse: false,
    });
    expect(await trust.issuers.get(created.id)).toEqual(created);
    expect(await trust.issuers.list()).toContainEqual(created);
    const changed = await trust.issuers.update(
      created.id,
      {
        label: null,
        jwksUri: 'https://keys.example.com/jwks',
        singleUse: true,
        ifRevision: created.revision,
      },
      by,
    );
    expect(changed).toMatchObject({
      label: undefined,
      jwksUri: 'https://keys.example.com/jwks',
      singleUse: true,
    });
    expect(changed.revision).not.toBe(created.revision);
    expect(await trust.issuers.get(created.id)).toEqual(changed);
    await expect(trust.issuers.update(created.id, { ifRevision: created.revision })).rejects.toMatchObject({
      code: 'revision_mismatch',
    });
    await expect(trust.issuers.delete(created.id, { ifRevision: 'x' })).rejects.toMatchObject({
      code: 'revision_mismatch',
    });
    expect(await trust.issuers.delete(created.id, {}, by)).toBe(true);
    expect(await trust.issuers.delete(created.id)).toBe(false);
    expect(await trust.issuers.get(created.id)).toBeUndefined();
    await expect(trust.issuers.update(created.id, {})).rejects.toMatchObject({ code: 'not_found' });
    const types = running.events.filter((event) => 'issuerId' in event && event.issuerId === created.id);
    expect(types.map((event) => [event.type, 'actor' in event && event.actor])).toEqual([
      ['trusted_issuer_created', 'alice'],
      ['trusted_issuer_updated', 'alice'],
      ['trusted_issuer_deleted', 'alice'],
    ]);
    const { entries } = await running.server.audit.list({ type: 'trusted_issuer_created', actor: 'alice' });
    expect(entries).toMatchObject([{ actor: 'alice', address: '192.0.2.1' }]);
  });

  it('are unique', async () => {
    await trust.issuers.create({ issuer: 'https://unique.example.com', kind: 'workload' });
    await expect(
      trust.issuers.create({ issuer: 'https://unique.example.com', kind: 'id-jag' }),
    ).rejects.toMatchObject({ code: 'trusted_issuer_exists' });
  });

  it('without a published key set have their keys inline, and a change of them takes effect at once', async () => {
    const [first, second] = [await createSigningKey(), await createSigningKey()];
    const created = await trust.issuers.create({
      issuer: 'spire',
      kind: 'workload',
      jwks: { keys: [first.publicJwk] },
    });
    await trust.rules.create({ issuerId: created.id, clientId: 'ci', conditions: pinned });
    const present = async (key: typeof first) =>
      await bear(
        running,
        authority.mintRaw(
          {
            header: { alg: 'ES256', kid: key.keyId },
            payload: {
              iss: 'spire',
              sub: SUBJECT,
              aud: running.issuer,
              exp: Math.floor(Date.now() / 1000) + 60,
            },
          },
          { key },
        ),
      );
    expect((await present(first)).status).toBe(200);
    await trust.issuers.update(created.id, { jwks: { keys: [second.publicJwk] } });
    expect((await present(first)).body['error']).toBe('invalid_grant');
    expect((await present(second)).status).toBe(200);
    await trust.issuers.delete(created.id);
    expect((await present(second)).body['error']).toBe('invalid_grant');
    expect(await trust.rules.list({ issuerId: created.id })).toEqual([]);
  });

  it.each([
    ['no kind', { issuer: 'https://x.example.com' }, 'kind'],
    ['plain http', { issuer: 'http://x.example.com', kind: 'workload' }, 'https'],
    ['a name that is no URL, and no keys', { issuer: 'spire', kind: 'workload' }, 'issuer'],
    ['no keys in the key set', { issuer: 'x', kind: 'workload', jwks: { keys: [] } }, 'jwks'],
    [
      'a private key',
      { issuer: 'x', kind: 'workload', jwks: { keys: [{ kty: 'EC', d: 'canary' }] } },
      'private',
    ],
    [
      'a symmetric key',
      { issuer: 'x', kind: 'workload', jwks: { keys: [{ kty: 'oct', k: 'canary' }] } },
      'symmetric',
    ],
    [
      'keys in two places',
      { issuer: 'x', kind: 'workload', jwks: { keys: [{}] }, jwksUri: 'https://x.example.com' },
      'exclude',
    ],
    ['an unknown option', { issuer: 'https://x.example.com', kind: 'workload', audience: 'x' }, 'audience'],
  ])('with %s are refused', async (_name, options, word) => {
    const error: unknown = await trust.issuers.create(options as never).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain(word);
    expect((error as Error).message).not.toContain('canary');
  });
});

describe('trust rules', () => {
  it('are created, read, listed, changed and deleted', async () => {
    const issuerId = await trustIssuer(running, authority);
    const created = await trust.rules.create(
      { issuerId, clientId: 'ci', label: 'main', conditions: pinned },
      by,
    );
    expect(await trust.rules.get(created.id)).toEqual(created);
    expect(await trust.rules.list({ clientId: 'ci', issuerId })).toEqual([created]);
    expect(await trust.rules.list({ clientId: 'nobody' })).toEqual([]);
    const conditions: TrustCondition[] = [
      { claim: 'sub', matches: 'repo:octo-org/*:ref:refs/heads/main' },
      { claim: ['kubernetes.io', 'namespace'], oneOf: ['ci', 'cd'] },
      { claim: 'ref_protected', equals: true },
    ];
    const changed = await trust.rules.update(created.id, { conditions, audience: 'api://x', label: null });
    expect(changed).toMatchObject({ conditions, audience: 'api://x', label: undefined });
    expect(await trust.rules.get(created.id)).toEqual(changed);
    expect((await trust.rules.update(created.id, { audience: null })).audience).toBeUndefined();
    await expect(trust.rules.update(created.id, { ifRevision: 'x' })).rejects.toMatchObject({
      code: 'revision_mismatch',
    });
    expect(await trust.rules.delete(created.id)).toBe(true);
    expect(await trust.rules.delete(created.id)).toBe(false);
  });

  it('are gone with their client', async () => {
    await registerWorkload(running, 'gone');
    const issuerId = await trustIssuer(running, authority);
    await trust.rules.create({ issuerId, clientId: 'gone', conditions: pinned });
    await running.server.clients.delete('gone');
    expect(await trust.rules.list({ clientId: 'gone' })).toEqual([]);
  });

  it('need an issuer and a client', async () => {
    const issuerId = await trustIssuer(running, authority);
    for (const options of [
      { issuerId: 'nothing', clientId: 'ci', conditions: pinned },
      { issuerId, clientId: 'nobody', conditions: pinned },
    ])
      await expect(trust.rules.create(options)).rejects.toMatchObject({ code: 'not_found' });
  });

  it.each<[string, readonly unknown[], string]>([
    ['no conditions', [], 'conditions'],
    ['two comparisons at once', [{ claim: 'sub', equals: 'a', matches: 'b' }], 'exactly one'],
    ['no comparison', [{ claim: 'sub' }], 'exactly one'],
    ['an empty text', [{ claim: 'sub', equals: '' }], 'equals'],
    ['an empty list', [{ claim: 'sub', oneOf: [] }], 'oneOf'],
    ['a list in a list', [{ claim: 'sub', oneOf: [['a']] }], 'oneOf[0]'],
    ['a pattern across parts', [{ claim: 'sub', matches: 'repo:octo-org/**' }], 'matches'],
    ['no claim', [{ equals: 'a' }], 'claim'],
    ['an empty path', [{ claim: [], equals: 'a' }], 'claim'],
    ['a misspelt comparison', [{ claim: 'sub', equal: 'a' }], 'equal'],
    ['nobody pinned', [{ claim: 'ref', equals: 'refs/heads/main' }], 'pin'],
    ['everybody of a forge', [{ claim: 'sub', matches: 'repo:*' }], 'pin'],
    [
      'everybody of a forge, in two parts',
      [{ claim: 'sub', matches: 'repo:*/app:ref:refs/heads/main' }],
      'pin',
    ],
    ['owners that begin alike', [{ claim: 'sub', matches: 'repo:octo-org*/app:ref:x' }], 'pin'],
    ['every namespace of a cluster', [{ claim: 'sub', matches: 'system:serviceaccount:*:deployer' }], 'pin'],
    ['a whole trust domain', [{ claim: 'sub', matches: 'spiffe://example.org/*/deployer' }], 'pin'],
    ['every account', [{ claim: 'sub', matches: 'arn:aws:iam::*:role/Deployer' }], 'pin'],
    ['every role of an account', [{ claim: 'sub', matches: 'arn:aws:iam::123456789012:role/*' }], 'pin'],
    ['every address of a company', [{ claim: 'email', matches: '*@example.com' }], 'pin'],
  ])('with %s are refused in words', async (_name, conditions, word) => {
    const issuerId = await trustIssuer(running, authority);
    const error: unknown = await trust.rules
      .create({ issuerId, clientId: 'ci', conditions: conditions as TrustCondition[] })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain(word);
  });

  it('for GitHub pin an owner: its subjects can be shaped by everybody', async () => {
    const { id: issuerId } = await trust.issuers.create({ issuer: GITHUB, kind: 'workload' });
    const create = async (conditions: TrustCondition[]) =>
      await trust.rules.create({ issuerId, clientId: 'ci', conditions });
    for (const conditions of [
      [{ claim: 'sub', equals: 'environment:production' }],
      [{ claim: 'sub', oneOf: [SUBJECT, 'environment:production'] }],
      [{ claim: 'environment', equals: 'production' }],
      [{ claim: 'repository_visibility', equals: 'private' }],
    ] as TrustCondition[][])
      await expect(create(conditions)).rejects.toThrow(GITHUB);
    for (const conditions of [
      [{ claim: 'sub', matches: 'repo:octo-org/*:ref:refs/heads/main' }],
      [{ claim: 'repository_owner_id', equals: '1' }],
      [
        { claim: 'environment', equals: 'production' },
        { claim: 'repository', equals: 'octo-org/app' },
      ],
    ] as TrustCondition[][]) {
      const { id } = await create(conditions);
      await expect(trust.rules.update(id, { conditions: [{ claim: 'ref', equals: 'x' }] })).rejects.toThrow(
        'pin',
      );
      await trust.rules.delete(id);
    }
  });

  it('with an audience of their own take tokens that have it, and no other', async () => {
    const own = await startIssuer();
    const issuerId = await trustIssuer(running, own);
    await trust.rules.create({ issuerId, clientId: 'ci', audience: 'api://deploy', conditions: pinned });
    expect((await bear(running, workloadToken(own, running, { aud: 'api://deploy' }))).status).toBe(200);
    const answer = await bear(running, workloadToken(own, running));
    expect(answer.body['error']).toBe('invalid_grant');
    expect(answer.text).not.toContain('api://deploy');
  });
});

describe('templates', () => {
  const values: Record<string, Record<string, string>> = {
    'github-actions': { repository: 'octo-org/app', ref: 'refs/heads/main' },
    gitlab: { projectPath: 'octo-group/app', ref: 'main' },
    kubernetes: { issuer: 'https://oidc.cluster.example.com', namespace: 'ci', serviceAccount: 'deployer' },
    spiffe: { issuer: 'https://spire.example.org', spiffeId: 'spiffe://example.org/ns/ci/sa/deployer' },
    gcp: { uniqueId: '1048', email: 'deployer@my-project.iam.gserviceaccount.com' },
    azure: { tenantId: 'a-tenant', objectId: 'an-object', audience: 'api://deploy' },
    aws: {
      issuer: 'https://abc.tokens.sts.global.api.aws',
      roleArn: 'arn:aws:iam::123456789012:role/Deployer',
    },
  };
  /** The claims of a token of each platform that are of interest. */
  const tokens: Record<string, Record<string, unknown>> = {
    'github-actions': { sub: SUBJECT, repository: 'octo-org/app', ref: 'refs/heads/main' },
    gitlab: {
      sub: 'project_path:octo-group/app:ref_type:branch:ref:main',
      project_path: 'octo-group/app',
      ref: 'main',
      ref_type: 'branch',
    },
    kubernetes: { sub: 'system:serviceaccount:ci:deployer' },
    spiffe: { sub: 'spiffe://example.org/ns/ci/sa/deployer' },
    gcp: { sub: '1048', email: 'deployer@my-project.iam.gserviceaccount.com', email_verified: true },
    azure: { sub: 'an-object', oid: 'an-object', tid: 'a-tenant', aud: 'api://deploy' },
    aws: { sub: 'arn:aws:iam::123456789012:role/Deployer' },
  };

  it.each(Object.keys(values))(
    '%s makes a rule that accepts a token of that shape, and no other',
    async (name) => {
      expect(trust.templates.map((template) => template.name)).toContain(name);
      const own = await startIssuer();
      const filled = trust.fillTemplate(name, values[name] ?? {});
      expect(new URL(filled.issuer).protocol).toBe('https:');
      const issuerId = await trustIssuer(running, own);
      await trust.rules.create({
        issuerId,
        clientId: 'ci',
        conditions: filled.conditions,
        ...(filled.audience === undefined ? {} : { audience: filled.audience }),
      });
      const claims = tokens[name] ?? {};
      expect((await bear(running, workloadToken(own, running, claims))).status).toBe(200);
      for (const condition of filled.conditions) {
        const other = { ...claims, [String(condition.claim)]: 'another' };
        expect((await bear(running, workloadToken(own, running, other))).body['error']).toBe('invalid_grant');
      }
    },
  );

  it('say what is missing, and what is not known', () => {
    expect(() => trust.fillTemplate('kubernetes', { issuer: 'https://x.example.com' })).toThrow('namespace');
    expect(() => trust.fillTemplate('kubernetes', { nameSpace: 'x' })).toThrow('nameSpace');
    expect(() => trust.fillTemplate('github', {})).toThrow('github-actions');
  });
});
