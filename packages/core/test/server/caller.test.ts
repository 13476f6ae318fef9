import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { VerifiedToken } from '../../src/server/access-token.ts';
import { createCaller } from '../../src/server/caller.ts';

const TOKEN = 'canary-token-canary-token';
const SURROUNDINGS = {
  resource: 'https://mcp.example.com/mcp',
  resourceMetadataUrl: 'https://mcp.example.com/x',
};

/** What a caller is made of; of the issuer it takes the name alone. */
function verified(change: Partial<VerifiedToken> = {}): VerifiedToken {
  return {
    issuer: { issuer: 'https://auth.example.com' } as VerifiedToken['issuer'],
    key: undefined,
    period: { expiresAt: 1000, notBefore: undefined, issuedAt: 1 },
    claims: Object.freeze({ sub: 'job' }),
    actors: [],
    profiled: {
      clientId: 'job',
      subject: 'job',
      scopes: ['a', 'b'],
      roles: [],
      kind: 'machine',
      evidence: 'because',
    },
    ...change,
  };
}
const create = (change?: Partial<VerifiedToken>) => createCaller(TOKEN, verified(change), SURROUNDINGS);

describe('a caller', () => {
  it('has what the SDK’s AuthInfo has', () => {
    const caller = create();
    expect(caller).toMatchObject({ token: TOKEN, clientId: 'job', scopes: ['a', 'b'], expiresAt: 1000 });
    expect(caller.resource).toBeInstanceOf(URL);
    expect(caller.resource.href).toBe(SURROUNDINGS.resource);
    expect(Array.isArray(caller.scopes)).toBe(true);
  });

  it('keeps the token out of JSON and inspection', () => {
    const caller = create();
    const shown = [
      JSON.stringify(caller),
      JSON.stringify({ deep: [caller] }),
      inspect(caller),
      inspect({ deep: [caller] }, { depth: 10, showHidden: true }),
    ];
    expect(shown.join()).not.toContain(TOKEN);
    expect(shown[0]).toContain('"clientId":"job"');
  });

  it('is a fresh object each time, down to what can be changed in it', () => {
    const shared = verified();
    const [one, two] = [createCaller(TOKEN, shared, SURROUNDINGS), createCaller(TOKEN, shared, SURROUNDINGS)];
    one.scopes.push('admin');
    one.resource.pathname = '/admin';
    expect(two.scopes).toEqual(['a', 'b']);
    expect(two.resource.pathname).toBe('/mcp');
    expect(shared.profiled.scopes).toEqual(['a', 'b']);
  });

  it('shares the claims, frozen', () => {
    expect(Object.isFrozen(create().claims)).toBe(true);
  });

  it('is delegated when somebody acts, and its subject stays who it is', () => {
    const actors = [{ sub: 'agent' }];
    expect(create({ actors })).toMatchObject({ kind: 'delegated', subjectKind: 'machine', actors });
    expect(create()).toMatchObject({
      kind: 'machine',
      subjectKind: 'machine',
      actors: [],
      evidence: 'because',
    });
  });
});
