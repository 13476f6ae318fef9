import { setImmediate } from 'node:timers/promises';
import { clientSecretBasic, createTokenSources, type TokenSources } from '@mcp-m2m/core/client';
import type { Suite } from '../measurement.ts';

const ISSUER = 'https://auth.example.com';
const CHECKPOINTS = [10_000, 50_000, 100_000] as const;
const MEBIBYTE = 1_048_576;

/** What is kept of servers that were talked to once, with the bounds that are there unless others are set. */
export const manyResources: Suite = {
  name: 'Client: memory over 100,000 servers',
  description:
    'One createTokenSources with its default bounds, a token for each server, every second one on an origin of its own; heap after garbage collection. The answers come from a function, not from a network.',
  run: async () => {
    const authorizationServer = createAuthorizationServer();
    const sources = createTokenSources({
      issuer: ISSUER,
      clientId: 'nightly-report',
      authentication: clientSecretBasic({ clientSecret: 'a-secret-without-anything-special' }),
      fetch: authorizationServer.fetch,
    });
    const heap: number[] = [];
    let asked = 0;
    for (const checkpoint of CHECKPOINTS) {
      for (; asked < checkpoint; asked++) await askOnce(sources, asked);
      heap.push(await usedHeap());
    }
    const [first = Number.NaN] = heap;
    return [
      ...CHECKPOINTS.map((checkpoint, index) => ({
        name: `heap after ${checkpoint.toLocaleString('en')} servers`,
        value: heap[index] ?? Number.NaN,
        unit: 'MiB',
      })),
      {
        name: 'growth from the first of these to the last',
        value: (heap.at(-1) ?? Number.NaN) - first,
        unit: 'MiB',
        target: { atMost: 1 },
      },
      { name: 'token requests', value: authorizationServer.tokenRequests(), unit: 'requests' },
    ];
  },
};

async function askOnce(sources: TokenSources, number: number): Promise<void> {
  const origin = number % 2 === 0 ? 'https://mcp.example.com' : `https://mcp-${number}.example.com`;
  const resource = `${origin}/tenants/${number}/mcp`;
  const token = await sources.sourceFor(resource).getToken();
  if (token.resource !== resource) throw new Error(`the token of ${token.resource} was given to ${resource}`);
}

/** Answers as the two servers would. */
function createAuthorizationServer() {
  let tokenRequests = 0;
  const answer = (url: URL): object => {
    if (url.origin !== ISSUER) {
      const path = url.pathname.replace('/.well-known/oauth-protected-resource', '');
      return { resource: url.origin + path, authorization_servers: [ISSUER] };
    }
    if (url.pathname !== '/token') {
      return {
        issuer: ISSUER,
        token_endpoint: `${ISSUER}/token`,
        token_endpoint_auth_methods_supported: ['client_secret_basic'],
        grant_types_supported: ['client_credentials'],
        response_types_supported: ['code'],
      };
    }
    tokenRequests += 1;
    return { access_token: `${tokenRequests}.${'t'.repeat(500)}`, token_type: 'Bearer', expires_in: 3600 };
  };
  return {
    tokenRequests: () => tokenRequests,
    fetch: async (input: string | URL | Request): Promise<Response> => {
      const url = new URL(input instanceof Request ? input.url : input);
      // What is neither metadata nor the token endpoint is the server itself, which wants a token.
      const known = url.origin === ISSUER || url.pathname.startsWith('/.well-known/');
      return known ? Response.json(answer(url)) : new Response(undefined, { status: 401 });
    },
  };
}

async function usedHeap(): Promise<number> {
  // What was let go in the first collection is found in the second, when its finalizers have run.
  for (let collection = 0; collection < 3; collection++) {
    globalThis.gc?.();
    await setImmediate();
  }
  return process.memoryUsage().heapUsed / MEBIBYTE;
}
