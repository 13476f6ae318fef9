import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenKey, type TokenIdentity } from '../../../src/client/store/token-key.ts';

const IDENTITY: TokenIdentity = {
  issuer: 'https://auth.example.com',
  clientId: 'nightly-report',
  resource: 'https://mcp.example.com/mcp',
  scopes: ['deploy:read', 'deploy:write'],
};

describe('tokenKey', () => {
  it('is 43 characters of base64url that tell nothing of what they stand for', async () => {
    const long = { ...IDENTITY, subject: 'x'.repeat(100_000) };
    for (const identity of [IDENTITY, long]) expect(await tokenKey(identity)).toMatch(/^[\w-]{43}$/);
  });

  it('stays the same from release to release, so that instances of two share their tokens', async () => {
    expect(await tokenKey(IDENTITY)).toBe('yPr39zEPp2UJjNBymg0PRI5c53YGh39Wb36CSzsSzBE');
  });

  it('does not depend on the order or repetition of scopes, or the order of parameters', async () => {
    const a = { ...IDENTITY, scopes: ['b', 'a', 'b'], parameters: { x: '1', a: '2' } };
    const b = { ...IDENTITY, scopes: ['a', 'b'], parameters: { a: '2', x: '1' } };
    expect(await tokenKey(a)).toBe(await tokenKey(b));
  });

  it('is another for another server, client, issuer, key, subject, parameter or set of scopes', async () => {
    const identities: TokenIdentity[] = [
      IDENTITY,
      { ...IDENTITY, issuer: 'https://auth.example.com/' },
      { ...IDENTITY, clientId: 'nightly' },
      { ...IDENTITY, resource: 'https://mcp.example.com/mcp2' },
      { ...IDENTITY, scopes: ['deploy:read'] },
      { ...IDENTITY, scopes: ['deploy:read deploy:write'] },
      { ...IDENTITY, scopes: [] },
      { ...IDENTITY, scopes: undefined },
      { ...IDENTITY, dpopThumbprint: 'x' },
      { ...IDENTITY, subject: 'x' },
      { ...IDENTITY, subject: 'null' },
      { ...IDENTITY, subject: '' },
      { ...IDENTITY, parameters: { audience: 'x' } },
      { ...IDENTITY, parameters: { audience: 'y' } },
      { ...IDENTITY, parameters: { organization: 'x' } },
    ];
    const keys = await Promise.all(identities.map(tokenKey));
    expect(new Set(keys).size).toBe(identities.length);
  });

  it('never confuses two identities, whatever characters they are made of', async () => {
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom('"', ',', '[', ']', '\\', 'a', 'null', ' ') }),
      fc.string({ unit: 'binary' }),
    );
    const identity = fc.record({
      issuer: text,
      clientId: text,
      resource: text,
      scopes: fc.option(fc.uniqueArray(text, { maxLength: 3 }), { nil: undefined }),
      dpopThumbprint: fc.option(text, { nil: undefined }),
      subject: fc.option(text, { nil: undefined }),
      parameters: fc.dictionary(text, text, { maxKeys: 2 }),
    });
    const canonical = (one: { scopes: string[] | undefined; parameters: Record<string, string> }) => ({
      ...one,
      scopes: one.scopes?.toSorted(),
      parameters: Object.entries(one.parameters).toSorted(([x], [y]) => (x < y ? -1 : 1)),
    });
    await fc.assert(
      fc.asyncProperty(identity, identity, async (a, b) => {
        const same = fc.stringify(canonical(a)) === fc.stringify(canonical(b));
        expect((await tokenKey(a)) === (await tokenKey(b))).toBe(same);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps half of a surrogate pair apart from the character that stands in for it', async () => {
    const [half, replacement] = await Promise.all(
      ['\ud800', '\ufffd'].map((subject) => tokenKey({ ...IDENTITY, subject })),
    );
    expect(half).not.toBe(replacement);
  });
});
