import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RESOURCE, sendRaw, startProtectedApp, type ProtectedApp, type RawAnswer } from '../protected-app.ts';

let authority: TestAuthority;
let app: ProtectedApp;
let token: string;

beforeAll(async () => {
  authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
  app = await startProtectedApp({ authorizationServers: [authority.issuer], now: authority.now });
  token = authority.mint();
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await authority.close();
});

type Mutation =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'replace' | 'insert'; readonly at: number; readonly byte: number }
  | { readonly kind: 'delete' | 'duplicate'; readonly at: number; readonly length: number }
  | { readonly kind: 'swap'; readonly at: number };

const at = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at, bit: fc.nat(7) }),
  fc.record({ kind: fc.constantFrom('replace' as const, 'insert' as const), at, byte: fc.nat(255) }),
  fc.record({
    kind: fc.constantFrom('delete' as const, 'duplicate' as const),
    at,
    length: fc.integer({ min: 1, max: 40 }),
  }),
  fc.record({ kind: fc.constant('swap' as const), at }),
);

/** Changes text as bytes, one byte for each character. */
function mutate(text: string, change: Mutation): string {
  const places = change.kind === 'insert' ? text.length + 1 : text.length;
  const index = Math.floor(change.at * places);
  const [before, after] = [text.slice(0, index), text.slice(index)];
  switch (change.kind) {
    case 'flip':
      return before + String.fromCharCode(after.charCodeAt(0) ^ (1 << change.bit)) + after.slice(1);
    case 'replace':
      return before + String.fromCharCode(change.byte) + after.slice(1);
    case 'insert':
      return before + String.fromCharCode(change.byte) + after;
    case 'delete':
      return before + after.slice(change.length);
    case 'duplicate':
      return before + after.slice(0, change.length) + after;
    case 'swap':
      return before + (after[1] ?? '') + (after[0] ?? '') + after.slice(2);
  }
}

/** The forms of one value that RFC 9110 and RFC 6750 say are the same: case of the scheme, spaces around the token. */
function isEqualForm(value: string): boolean {
  return new RegExp(`^[ \\t]*[Bb][Ee][Aa][Rr][Ee][Rr] +${token}[ \\t]*$`).test(value);
}

const REFUSED = [400, 401, 431];

/** Refused by Node.js (400, 431), or by us; never served, never a fault of ours, never without an answer. */
function expectRefused({ status }: RawAnswer): void {
  expect(REFUSED).toContain(status);
}

const BOUND = { numRuns: 600, interruptAfterTimeLimit: 12_000, markInterruptAsFailure: false };

describe('a valid token of which bytes are changed', () => {
  it('J, by nothing at all, is accepted', async () => {
    expect((await sendRaw(app, [`Authorization: Bearer ${token}`])).status).toBe(200);
  });

  it('J, by any one to three changes, is never accepted', { timeout: 15_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (changes) => {
        const changed = changes.reduce(mutate, token);
        fc.pre(!isEqualForm(`Bearer ${changed}`));
        expectRefused(await sendRaw(app, [`Authorization: Bearer ${changed}`]));
      }),
      BOUND,
    );
  });

  it('J, in each single bit of it, is never accepted', { timeout: 15_000 }, async () => {
    const flips = Array.from({ length: token.length }, (_, index) => index).flatMap((index) =>
      [0, 1, 2, 5].map((bit): Mutation => ({ kind: 'flip', at: (index + 0.5) / token.length, bit })),
    );
    for (let start = 0; start < flips.length; start += 16) {
      const group = flips.slice(start, start + 16).map((flip) => mutate(token, flip));
      const answers = await Promise.all(
        group.map((changed) => sendRaw(app, [`Authorization: Bearer ${changed}`])),
      );
      for (const answer of answers) expectRefused(answer);
    }
  });

  it('J, in what its parts decode to, is never accepted', { timeout: 15_000 }, async () => {
    const parts = token.split('.');
    await fc.assert(
      fc.asyncProperty(fc.nat(2), mutation, async (index, change) => {
        const decoded = Buffer.from(parts[index] ?? '', 'base64url').toString('latin1');
        const changed = mutate(decoded, change);
        fc.pre(changed !== decoded);
        const encoded = Buffer.from(changed, 'latin1').toString('base64url');
        expectRefused(await sendRaw(app, [`Authorization: Bearer ${parts.with(index, encoded).join('.')}`]));
      }),
      BOUND,
    );
  });
});

describe('an Authorization header of which bytes are changed', () => {
  it('H, is accepted in equal forms alone', { timeout: 15_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(mutation, { minLength: 1, maxLength: 2 }),
        fc.boolean(),
        async (changes, early) => {
          // Most of a header is token: half of the changes are drawn to what stands before it.
          const drawn = early ? changes.map((change) => ({ ...change, at: change.at * 0.02 })) : changes;
          const value = drawn.reduce(mutate, `Bearer ${token}`);
          const answer = await sendRaw(app, [`Authorization: ${value}`]);
          expect(isEqualForm(value) ? [200] : REFUSED).toContain(answer.status);
        },
      ),
      BOUND,
    );
  });

  it('H, or of nothing but noise, is answered without a fault', { timeout: 15_000 }, async () => {
    const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('', 'Bearer ', 'DPoP ', 'bearer  '), noise, async (scheme, value) => {
        expectRefused(await sendRaw(app, [`Authorization: ${scheme}${value}`]));
      }),
      BOUND,
    );
  });
});
