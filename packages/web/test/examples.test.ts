import { describe, expect, it } from 'vitest';
import example from '../examples/server.ts';
import { app as hono } from '../examples/hono.ts';
import { app as middleware } from '../examples/middleware.ts';
import type { ServerFetch } from './contract-fetch.ts';
import { listen } from './node-server.ts';
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
  ])('%s protects on Node.js', async (_, fetchHandler) => {
    await using server = await listen(fetchHandler);
    await expectProtected(server.origin);
  });

  it.each(['Bun', 'Deno'] as const)('the server protects on %s', async (runtime) => {
    await using script = await runScript(runtime, 'serve-example.ts');
    await expectProtected(`http://127.0.0.1:${script.firstLine}`);
  });
});
