import { describe, expect, it } from 'vitest';
import { ask, expectRefused, expectServed } from './asking.ts';
import { createAuthority } from './authority.ts';
import { RESOURCE, startProtectedApp, type ProtectedApp } from './protected-app.ts';

const authority = await createAuthority();

describe('the audience option', () => {
  const start = (audience: object): Promise<ProtectedApp> =>
    startProtectedApp({ authorizationServers: [{ issuer: authority.issuer, audience }], now: authority.now });
  const other = 'https://other.example';

  it.each([
    [
      'anyOf takes each of its identifiers',
      { anyOf: [RESOURCE, 'api://desk'] },
      { aud: 'api://desk' },
      undefined,
    ],
    ['anyOf takes one among others', { anyOf: ['api://desk'] }, { aud: [other, 'api://desk'] }, undefined],
    ['anyOf replaces the resource', { anyOf: ['api://desk'] }, { aud: RESOURCE }, 'audience_mismatch'],
    ['anyOf compares exactly', { anyOf: ['api://desk'] }, { aud: 'api://desk/' }, 'audience_mismatch'],
    ['anyOf is no pattern', { anyOf: ['.*'] }, { aud: RESOURCE }, 'audience_mismatch'],
    [
      'C5: the host in upper case is taken where it is listed',
      { anyOf: [RESOURCE, 'https://MCP.example.com/mcp'] },
      { aud: 'https://MCP.example.com/mcp' },
      undefined,
    ],
    ['C5: and not otherwise', {}, { aud: 'https://MCP.example.com/mcp' }, 'audience_mismatch'],
    [
      'C1: exclusive refuses others beside ours',
      { exclusive: true },
      { aud: [RESOURCE, other] },
      'audience_mismatch',
    ],
    ['C1: exclusive takes ours twice', { exclusive: true }, { aud: [RESOURCE, RESOURCE] }, undefined],
    [
      'C1: exclusive takes several of ours',
      { exclusive: true, anyOf: [RESOURCE, 'api://desk'] },
      { aud: [RESOURCE, 'api://desk'] },
      undefined,
    ],
    [
      'C11: clientIds takes named clients without audience',
      { clientIds: ['test-client'] },
      { aud: undefined },
      undefined,
    ],
    [
      'C11: clientIds refuses other clients',
      { clientIds: ['another'] },
      { aud: undefined },
      'audience_mismatch',
    ],
    [
      'C11: clientIds is no way around an audience',
      { clientIds: ['test-client'] },
      { aud: other },
      'audience_mismatch',
    ],
    [
      'C11: clientIds does not take an empty audience',
      { clientIds: ['test-client'] },
      { aud: [] },
      'claim_invalid',
    ],
    ['C11: clientIds does not take null', { clientIds: ['test-client'] }, { aud: null }, 'claim_invalid'],
    ['C11: without clientIds nobody is taken', {}, { aud: undefined }, 'claim_missing'],
  ] as const)('%s', async (_, audience, claims, reason) => {
    await using app = await start(audience);
    if (reason === undefined) await expectServed(app, authority.mint(claims));
    else await expectRefused(app, authority.mint(claims), reason);
  });
});

describe('delegated tokens', () => {
  it('keep the chain of actors, the current one first, and tell whose they are', async () => {
    await using app = await startProtectedApp({
      authorizationServers: [authority.issuer],
      now: authority.now,
    });
    const act = { sub: 'agent-2', iss: authority.issuer, act: { sub: 'agent-1', act: { sub: 'desk' } } };
    const token = authority.mint({ sub: 'alice', client_id: 'agent-2', act });
    expect((await ask(app, token)).status).toBe(200);
    expect(app.callers[0]).toMatchObject({
      kind: 'delegated',
      subjectKind: 'user',
      subject: 'alice',
      clientId: 'agent-2',
      evidence: 'the claim "act" is present',
      actors: [{ sub: 'agent-2', iss: authority.issuer }, { sub: 'agent-1' }, { sub: 'desk' }],
    });
    expect(app.decisions.at(-1)?.callerKind).toBe('delegated');
  });

  it.each([
    ['a user may do what is for people', { sub: 'alice', client_id: 'agent' }, 200],
    ['a machine may not', { sub: 'agent', client_id: 'agent' }, 403],
    ['a machine that says so may not', { sub: 'x', client_id: 'agent', sub_type: 'client' }, 403],
  ])('of %s', async (_, claims, status) => {
    await using app = await startProtectedApp({
      authorizationServers: [authority.issuer],
      now: authority.now,
      access: { methods: { 'tools/list': { caller: 'user' } } },
    });
    const response = await ask(app, authority.mint({ ...claims, act: { sub: 'somebody' } }));
    expect(response.status).toBe(status);
  });

  it.each([
    ['a text', 'agent'],
    ['null', null],
    ['a list', [{ sub: 'agent' }]],
    ['a list inside', { sub: 'a', act: [] }],
  ])('with an actor that is %s are refused', async (_, act) => {
    await using app = await startProtectedApp({
      authorizationServers: [authority.issuer],
      now: authority.now,
    });
    await expectRefused(app, authority.mint({ sub: 'alice', act }), 'claim_invalid');
  });
});
