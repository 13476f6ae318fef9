import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createArena, TOKEN_LIFETIME_SECONDS } from './arena.ts';
import type { Comparison } from './comparison.ts';
import { callOnce, succeeds, type Contestant } from './contestant.ts';

const EXTENSION = 'io.modelcontextprotocol/oauth-client-credentials';
const AWKWARD_SECRET = '100%+secure%2B';

/** What goes where: tokens to servers, scopes to the authorization server, secrets onto the wire. */
export const boundaries: readonly Comparison[] = [
  {
    name: 'one client object, two servers: tokens of the first shown to the second',
    unit: 'tokens',
    ours: 0,
    better: 'less',
    measure: foreignTokens,
  },
  {
    name: 'after a step-up and an expiry: calls refused for want of the scope again',
    unit: 'calls',
    ours: 0,
    better: 'less',
    measure: forgottenScopes,
  },
  {
    name: "scopes requested beyond the operator's, where the metadata lists others",
    unit: 'scopes',
    ours: 0,
    better: 'less',
    measure: scopesBeyondConfiguration,
  },
  {
    name: 'a secret with % and +: calls that go through',
    unit: 'calls',
    ours: 1,
    better: 'more',
    measure: callsWithAwkwardSecret,
  },
  {
    name: 'the client extension: connections that declare it',
    unit: 'connections',
    ours: 1,
    better: 'more',
    measure: declarations,
  },
];

async function foreignTokens(contestant: Contestant): Promise<number> {
  await using arena = await createArena();
  const [first, second] = [await arena.startServer(), await arena.startServer()];
  const options = contestant.prepare(arena, first);
  await callOnce(first.url, options);
  await succeeds(callOnce(second.url, options));
  return second.shownTokens.filter((token) => claimsOf(token).aud !== second.url).length;
}

async function forgottenScopes(contestant: Contestant): Promise<number> {
  await using arena = await createArena();
  const server = await arena.startServer();
  const options = contestant.prepare(arena, { url: server.url, scopes: ['deploy:read', 'deploy:write'] });
  await callOnce(server.url, options);
  await callOnce(server.url, options, 'start_deployment');
  const before = server.refusals(403);
  arena.authority.advanceSeconds(2 * TOKEN_LIFETIME_SECONDS);
  await callOnce(server.url, options, 'start_deployment');
  return server.refusals(403) - before;
}

async function scopesBeyondConfiguration(contestant: Contestant): Promise<number> {
  await using arena = await createArena();
  // Without a scope for every request the challenge names none, and the metadata speaks alone.
  const { url } = await arena.startServer({ tools: { start_deployment: ['deploy:write'] } });
  const scopes = ['reports:read'];
  await callOnce(url, contestant.prepare(arena, { url, scopes }));
  const requested = arena.authority.endpoints.token.requests.flatMap(
    ({ body }) => new URLSearchParams(body).get('scope')?.split(' ') ?? [],
  );
  return requested.filter((scope) => !scopes.includes(scope)).length;
}

async function callsWithAwkwardSecret(contestant: Contestant): Promise<number> {
  await using arena = await createArena(AWKWARD_SECRET);
  const { url } = await arena.startServer();
  return (await succeeds(callOnce(url, contestant.prepare(arena, { url, secret: AWKWARD_SECRET })))) ? 1 : 0;
}

async function declarations(contestant: Contestant): Promise<number> {
  await using arena = await createArena();
  const server = await arena.startServer();
  const client = new Client({ name: 'nightly-report', version: '1.0.0' }, contestant.clientOptions);
  await client.connect(
    new StreamableHTTPClientTransport(new URL(server.url), contestant.prepare(arena, server)),
  );
  await client.close();
  return server.bodies.filter((body) => JSON.stringify(body ?? null).includes(EXTENSION)).length;
}

function claimsOf(token: string): { readonly aud?: unknown } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { aud?: unknown };
}
