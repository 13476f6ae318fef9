import { createDpopProof, createTestAuthority, generateDpopKey } from '@mcp-m2m/testing';
import autocannon from 'autocannon';
import type { Suite } from '../measurement.ts';
import { startServer, type ServerProcess } from '../server-process.ts';
import { median, medianRatio } from '../statistics.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';
const VARIANTS = ['mcp-m2m', 'express-oauth2-jwt-bearer'] as const;
const REQUESTS = 6000;
const ROUNDS = 5;

interface Round {
  readonly rate: number;
  readonly cost: number;
}

/** DPoP end to end, beside the other Express middleware that checks it. */
export const proofsOverHttp: Suite = {
  name: 'Express with DPoP, a fresh proof with every request, 32 connections',
  description: `${REQUESTS} requests a round, ${ROUNDS} rounds in turn; proofs are made beforehand.`,
  run: async () => {
    await using authority = await createTestAuthority({ audience: AUDIENCE, scope: 'deploy:read' });
    const key = await generateDpopKey('ES256');
    const token = authority.mint({ cnf: { jkt: key.thumbprint } });
    const servers: ServerProcess[] = [];
    const rounds: Record<(typeof VARIANTS)[number], Round[]> = {
      'mcp-m2m': [],
      'express-oauth2-jwt-bearer': [],
    };
    try {
      for (const variant of VARIANTS) {
        const parameters = [variant, authority.issuer, authority.jwksUri, AUDIENCE, 'dpop'];
        servers.push(await startServer('express-variants.ts', parameters));
      }
      for (let round = -1; round < ROUNDS; round++) {
        for (const [index, variant] of VARIANTS.entries()) {
          const server = servers[index];
          if (server === undefined) continue;
          // Ours knows its public URL; the other takes it from the request.
          const url = variant === 'mcp-m2m' ? AUDIENCE : server.url;
          const proofs = Array.from({ length: REQUESTS }, () =>
            createDpopProof({ key, method: 'POST', url, accessToken: token }),
          );
          const measured = await load(server, token, proofs);
          if (round >= 0) rounds[variant].push(measured);
        }
      }
    } finally {
      for (const server of servers) server[Symbol.dispose]();
    }
    const [ours, other] = [rounds['mcp-m2m'], rounds['express-oauth2-jwt-bearer']];
    const rates = (of: readonly Round[]): readonly number[] => of.map(({ rate }) => rate);
    const costs = (of: readonly Round[]): readonly number[] => of.map(({ cost }) => cost);
    return [
      { name: 'mcp-m2m', value: median(rates(ours)), unit: 'requests/s' },
      { name: 'express-oauth2-jwt-bearer', value: median(rates(other)), unit: 'requests/s' },
      {
        name: 'mcp-m2m over the other, requests/s',
        value: medianRatio(rates(ours), rates(other)),
        unit: 'ratio',
      },
      {
        name: 'the other over mcp-m2m, processor time',
        value: medianRatio(costs(other), costs(ours)),
        unit: 'ratio',
      },
    ];
  },
};

async function load(
  { url, processorMicroseconds }: ServerProcess,
  token: string,
  proofs: readonly string[],
): Promise<Round> {
  let next = 0;
  const before = await processorMicroseconds();
  const result = await autocannon({
    url,
    method: 'POST',
    connections: 32,
    amount: proofs.length,
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'list_deployments' },
    }),
    requests: [
      {
        setupRequest: (request) => ({
          ...request,
          headers: {
            'content-type': 'application/json',
            authorization: `DPoP ${token}`,
            dpop: proofs[next++ % proofs.length],
          },
        }),
      },
    ],
  });
  const answered = result['2xx'];
  // A proof sent twice on a reconnect is refused, as it must be; anything beyond a few is a mistake here.
  if (answered < proofs.length * 0.99) {
    throw new Error(`${url}: ${result.non2xx} refusals and ${result.errors} errors of ${proofs.length}`);
  }
  return { rate: answered / result.duration, cost: ((await processorMicroseconds()) - before) / answered };
}
