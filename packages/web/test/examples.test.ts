import { describe, expect, it } from 'vitest';
import example from '../examples/server.ts';
import { app as hono } from '../examples/hono.ts';
import { app as middleware } from '../examples/middleware.ts';
import { GET as nextMetadata } from '../examples/next/metadata-route.ts';
import { POST as nextRoute } from '../examples/next/route.ts';
import type { ServerFetch } from './contract-fetch.ts';
import { listen } from './node-server.ts';
import { bundleWorker } from './runtimes/bundled-worker.ts';
import { runScript } from './runtimes/runtime.ts';

const METADATA_PATH = '/.well-known/oauth-protected-resource/mcp';
const CHALLENGE = `resource_metadata="https://mcp.example.com${METADATA_PATH}"`;

/** Refuses a request without a token, says where to get one, and is right about it. */
async function expectProtected(origin: string): Promise<void> {
  const refused = await fetch(`${origin}/mcp`, { method: 'POST', body: '{}' });
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toContain(CHALLENGE);
  const metadata = await fetch(`${origin}${METADATA_PATH}`);
  expect(await metadata.json()).toMatchObject({
    resource: 'https://mcp.example.com/mcp',
    authorization_servers: ['https://auth.example.com'],
  });
}

describe('the examples of the README', () => {
  it.each<[string, ServerFetch]>([
    ['the server', example.fetch],
    ['the server on Hono', hono.fetch],
    ['the middleware on Hono', middleware.fetch],
    [
      'the pair of routes of Next.js',
      (request) => (request.method === 'GET' ? nextMetadata(request) : nextRoute(request)),
    ],
  ])('%s protects on Node.js', async (_, fetchHandler) => {
    await using server = await listen(fetchHandler);
    await expectProtected(server.origin);
  });

  it.each(['Bun', 'Deno'] as const)('the server protects on %s', async (runtime) => {
    await using script = await runScript(runtime, 'serve-example.ts');
    await expectProtected(`http://127.0.0.1:${script.firstLine}`);
  });

  it('the server protects on Cloudflare Workers', async () => {
    await using worker = await bundleWorker('../../examples/server.ts');
    await using server = await worker.start();
    await expectProtected(server.origin);
  });
});

it('protection with every option is made when a Worker starts, where it can do the least', async () => {
  await using worker = await bundleWorker('worker-with-everything.ts');
  await using server = await worker.start();
  const refused = await fetch(`${server.origin}/mcp`, { method: 'POST', body: '{}' });
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer .*, DPoP algs=/);
  expect((await fetch(`${server.origin}${METADATA_PATH}`)).status).toBe(200);
});
