import { createResourceServer } from '@mcp-m2m/core/server';
import { createDpopProof, createTestAuthority, generateDpopKey } from '@mcp-m2m/testing';
import type { Measurement, Suite } from '../measurement.ts';
import { median, medianRatio } from '../statistics.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';
const PROOFS = 2000;
const CONCURRENCY = 32;
const ROUNDS = 9;

/** A fresh DPoP proof with every request, beside nothing but the verification of its signature. */
export const proofs: Suite = {
  name: 'DPoP, a fresh proof with every request',
  description: `ES256, ${PROOFS} proofs, ${CONCURRENCY} at a time; raw is crypto.subtle.verify of the same signatures.`,
  run: async () => {
    await using authority = await createTestAuthority({ audience: AUDIENCE });
    const key = await generateDpopKey('ES256');
    const token = authority.mint({ cnf: { jkt: key.thumbprint } });
    const server = createResourceServer({ resource: AUDIENCE, authorizationServers: [authority.issuer] });
    const makeProofs = (): readonly string[] =>
      Array.from({ length: PROOFS }, () =>
        createDpopProof({ key, method: 'POST', url: AUDIENCE, accessToken: token }),
      );
    const ours: number[] = [];
    const raw: number[] = [];
    for (let round = -1; round < ROUNDS; round++) {
      const fresh = makeProofs();
      const cost = await perSecond(fresh, async (proof) => {
        const headers = { authorization: [`DPoP ${token}`], dpop: [proof] };
        const result = await server.authenticate({ method: 'POST', url: '/mcp', headers });
        if (!result.ok) throw new Error(`a good proof was refused: ${result.reason}`);
      });
      const bare = await perSecond(signaturesOf(fresh), ({ signature, input }) =>
        crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key.publicKey, signature, input),
      );
      if (round < 0) continue;
      ours.push(cost);
      raw.push(bare);
    }
    const measurements: Measurement[] = [
      { name: 'mcp-m2m', value: Math.round(median(ours)), unit: 'proofs/s' },
      { name: 'raw verification', value: Math.round(median(raw)), unit: 'proofs/s' },
      { name: 'mcp-m2m over raw', value: medianRatio(ours, raw), unit: 'ratio', target: { atLeast: 0.8 } },
    ];
    return measurements;
  },
};

interface RawSignature {
  readonly input: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
}

function signaturesOf(tokens: readonly string[]): readonly RawSignature[] {
  return tokens.map((token) => {
    const end = token.lastIndexOf('.');
    return {
      input: Uint8Array.from(Buffer.from(token.slice(0, end))),
      signature: Uint8Array.from(Buffer.from(token.slice(end + 1), 'base64url')),
    };
  });
}

async function perSecond<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<number> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return (items.length / (performance.now() - startedAt)) * 1000;
}
