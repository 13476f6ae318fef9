import { createDpop, createDpopKey } from '@mcp-m2m/core/client';
import { createTestAuthority } from '@mcp-m2m/testing';
import { DpopSession } from '@modelcontextprotocol/client';
import { calculateJwkThumbprint, exportJWK, SignJWT } from 'jose';
import type { Measurement, Suite } from '../measurement.ts';
import { randomOrder } from '../random-order.ts';
import { median, medianRatio } from '../statistics.ts';

const URL_OF_REQUEST = 'https://mcp.example.com/mcp';
const PROOFS = 500;
const CONCURRENCIES = [1, 32] as const;
const WARM_UP_ROUNDS = 3;
const ROUNDS = 21;

interface Prover {
  readonly name: string;
  readonly prove: () => Promise<unknown>;
}

/** A proof for each request, beside other ways to make one and the bare signature. */
export const proofCreation: Suite = {
  name: 'Client: DPoP proofs',
  description: `ES256, ${PROOFS} proofs for one token, one at a time and ${CONCURRENCIES[1]} at a time, ${ROUNDS} rounds in random order. jose is given the hash of the token; raw is crypto.subtle.sign of as many bytes.`,
  run: async () => {
    const provers = await createProvers();
    const measurements: Measurement[] = [];
    for (const concurrency of CONCURRENCIES) measurements.push(...(await measure(provers, concurrency)));
    return measurements;
  },
};

async function createProvers(): Promise<readonly Prover[]> {
  const key = await createDpopKey();
  const jwk = await exportJWK(key.publicKey);
  await using authority = await createTestAuthority({ audience: URL_OF_REQUEST });
  const accessToken = authority.mint({ cnf: { jkt: await calculateJwkThumbprint(jwk) } });
  const ours = createDpop({ key });
  const official = await DpopSession.create({ alg: 'ES256' });
  const digest = await crypto.subtle.digest('SHA-256', Buffer.from(accessToken));
  const ath = Buffer.from(digest).toString('base64url');
  const request = { method: 'POST', url: URL_OF_REQUEST, accessToken };
  const bytes = Buffer.from((await ours.createProof(request)).split('.', 2).join('.'));
  return [
    { name: 'mcp-m2m', prove: () => ours.createProof(request) },
    {
      name: 'jose',
      prove: () =>
        new SignJWT({ jti: crypto.randomUUID(), htm: 'POST', htu: URL_OF_REQUEST, ath })
          .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
          .setIssuedAt()
          .sign(key.privateKey),
    },
    {
      name: 'official client',
      prove: () => official.buildProof({ htm: 'POST', htu: URL_OF_REQUEST, accessToken }),
    },
    {
      name: 'raw',
      prove: () => crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.privateKey, bytes),
    },
  ];
}

async function measure(provers: readonly Prover[], concurrency: number): Promise<readonly Measurement[]> {
  const costs = provers.map((): number[] => []);
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    for (const index of randomOrder(provers.length)) {
      const cost = await microsecondsEach(provers[index]?.prove, concurrency);
      if (round >= 0) costs[index]?.push(cost);
    }
  }
  const [ours = [], jose = []] = costs;
  return [
    ...provers.map(({ name }, index) => ({
      name: `${name}, ${concurrency} at a time`,
      value: median(costs[index] ?? []),
      unit: 'µs',
    })),
    {
      name: `jose over mcp-m2m, ${concurrency} at a time`,
      value: medianRatio(jose, ours),
      unit: 'ratio',
      target: { atLeast: 1 },
    },
  ];
}

async function microsecondsEach(prove: Prover['prove'] | undefined, concurrency: number): Promise<number> {
  let left = PROOFS;
  const work = async (): Promise<void> => {
    while (left-- > 0) await prove?.();
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: concurrency }, work));
  return ((performance.now() - startedAt) / PROOFS) * 1000;
}
