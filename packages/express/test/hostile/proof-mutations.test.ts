import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RESOURCE, sendRaw, startProtectedApp, type ProtectedApp, type RawAnswer } from '../protected-app.ts';
import { createDpopClient, type DpopClient } from './dpop-requests.ts';

let authority: TestAuthority;
let app: ProtectedApp;
let client: DpopClient;

beforeAll(async () => {
  authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
  app = await startProtectedApp({ authorizationServers: [authority.issuer], now: authority.now });
  client = await createDpopClient(authority);
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await authority.close();
});

/** What is done to text at one place of it: some of it is replaced. */
interface Mutation {
  readonly at: number;
  readonly removed: number;
  readonly inserted: string;
}

const at = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const bytes = fc.uint8Array({ maxLength: 3 }).map((array) => Buffer.from(array).toString('latin1'));
const letters = fc.string({
  unit: fc.constantFrom('A', 'b', '0', '-', '_', '.', '=', ',', '{', '"'),
  minLength: 1,
  maxLength: 3,
});
const mutation: fc.Arbitrary<Mutation> = fc.record({
  at,
  removed: fc.nat(3),
  inserted: fc.oneof(bytes, letters),
});

function mutate(text: string, { at: place, removed, inserted }: Mutation): string {
  const start = Math.floor(place * text.length);
  return text.slice(0, start) + inserted + text.slice(start + removed);
}

const sendProof = (proof: string, authorization = `DPoP ${client.token}`): Promise<RawAnswer> =>
  sendRaw(app, [`Authorization: ${authorization}`, `DPoP: ${proof}`]);

/** Refused by Node.js (400, 431), or by us; never served, never a fault of ours, never without an answer. */
function expectRefused({ status }: RawAnswer): void {
  expect([400, 401, 431]).toContain(status);
}

const BOUND = { numRuns: 500, interruptAfterTimeLimit: 12_000, markInterruptAsFailure: false };

describe('a good proof of which bytes are changed', () => {
  it('D, by nothing at all, is accepted', async () => {
    expect((await sendProof(client.prove())).status).toBe(200);
    expect((await sendProof(`  ${client.prove()}\t`)).status).toBe(200);
  });

  it('D, by any one to three changes, is never accepted', { timeout: 15_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (changes) => {
        const proof = client.prove();
        const changed = changes.reduce(mutate, proof);
        fc.pre(changed.replace(/^[ \t]+|[ \t]+$/g, '') !== proof);
        expectRefused(await sendProof(changed));
      }),
      BOUND,
    );
  });

  it('D, in each single bit of it, is never accepted', { timeout: 15_000 }, async () => {
    const proof = client.prove();
    const flips = Array.from(proof, (_, index) => index).flatMap((index) =>
      [1, 2, 4, 32].map((bit) => [index, bit]),
    );
    for (let start = 0; start < flips.length; start += 16) {
      const group = flips.slice(start, start + 16).map(([index = 0, bit = 0]) => {
        const flipped = String.fromCharCode(proof.charCodeAt(index) ^ bit);
        return proof.slice(0, index) + flipped + proof.slice(index + 1);
      });
      for (const answer of await Promise.all(group.map((changed) => sendProof(changed))))
        expectRefused(answer);
    }
    expect((await sendProof(proof)).status).toBe(200);
  });

  it('D, in what its parts decode to, is never accepted', { timeout: 15_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(2), mutation, async (index, change) => {
        const parts = client.prove().split('.');
        const decoded = Buffer.from(parts[index] ?? '', 'base64url').toString('latin1');
        const changed = mutate(decoded, change);
        fc.pre(changed !== decoded);
        const encoded = Buffer.from(changed, 'latin1').toString('base64url');
        expectRefused(await sendProof(parts.with(index, encoded).join('.')));
      }),
      BOUND,
    );
  });

  it('D, of which claims are anything and the signature is right, is answered without a fault', async () => {
    const name = fc.constantFrom('jti', 'htm', 'htu', 'iat', 'ath', 'exp', 'nbf');
    await fc.assert(
      fc.asyncProperty(name, fc.jsonValue({ maxDepth: 2 }), async (claim, value) => {
        const { status } = await sendProof(client.prove({ claims: { [claim]: value } }));
        const harmless = (claim === 'jti' && typeof value === 'string') || claim === 'nbf' || claim === 'exp';
        expect(harmless ? [200, 401] : [401]).toContain(status);
      }),
      BOUND,
    );
  });

  it('D, of which the header is anything and the signature is right, is answered without a fault', async () => {
    const name = fc.constantFrom('typ', 'alg', 'jwk', 'crit', 'b64', 'kid');
    await fc.assert(
      fc.asyncProperty(name, fc.jsonValue({ maxDepth: 2 }), async (parameter, value) => {
        const { status } = await sendProof(client.prove({ header: { [parameter]: value } }));
        expect(parameter === 'kid' ? [200, 401] : [401]).toContain(status);
      }),
      BOUND,
    );
  });

  it('D, of which a member of the jwk is anything, is answered without a fault', async () => {
    const name = fc.constantFrom('kty', 'crv', 'x', 'y', 'd', 'k', 'n', 'e', '__proto__');
    await fc.assert(
      fc.asyncProperty(name, fc.jsonValue({ maxDepth: 2 }), async (member, value) => {
        const changed = Object.defineProperty({ ...client.key.publicJwk }, member, {
          value,
          enumerable: true,
        });
        const { status } = await sendProof(client.prove({ header: { jwk: changed } }));
        // What is no member of a key on a curve changes nothing.
        expect(['n', 'e', '__proto__'].includes(member) ? [200] : [401]).toContain(status);
      }),
      BOUND,
    );
  });

  it('D, or of nothing but noise, is answered without a fault', { timeout: 15_000 }, async () => {
    const noise = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array).toString('latin1'));
    await fc.assert(
      fc.asyncProperty(noise, async (proof) => {
        expectRefused(await sendProof(proof));
        expectRefused(await sendProof(client.prove(), `DPoP ${proof}`));
      }),
      { ...BOUND, numRuns: 250 },
    );
  });
});
