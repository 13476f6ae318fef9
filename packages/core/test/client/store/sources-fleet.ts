import { fork, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { vi } from 'vitest';
import { REDIS_CLIENTS } from './redis-clients.ts';
import { startRedisServer, type RedisServer } from './redis-server.ts';
import type { GetTokensCommand, SourcesProcessSettings, SourcesReport } from './sources-process.ts';

/** What a round came to, over all processes. */
export interface SourcesRound {
  readonly tokens: readonly string[];
  readonly failures: readonly (readonly [code: string, retryAt: number | undefined])[];
  /** How many token requests reached the authority while it lasted. */
  readonly tokenRequests: number;
}

/** Processes that share one Redis and one authorization server. */
export interface SourcesFleet {
  readonly authority: TestAuthority;
  readonly redis: RedisServer;
  readonly living: ReadonlySet<ChildProcess>;
  /** How often an answer of Redis has taken nearly as long as a store is given. */
  slowAnswers(): number;
  /** Events of all processes since the last round began: `reason outcome` of token requests, else the type. */
  readonly events: string[];
  /** Lets twenty callers of every living process ask at once for a token for one MCP server of many. */
  getTokens(path: string, leaving?: number): Promise<SourcesRound>;
  /** Ends all of it. */
  close(): Promise<void>;
  /** Moves every clock. */
  advanceSeconds(seconds: number): void;
}

const PROCESSES = 10;
const CALLERS = 20;
/** All callers of a full fleet. */
export const ALL_CALLERS = PROCESSES * CALLERS;
export const LIFETIME_SECONDS = 300;

/** Starts ten processes, over one Redis client and the other in turn. */
export async function startSourcesFleet(): Promise<SourcesFleet> {
  const authority = await createTestAuthority({ accessTokenLifetimeSeconds: LIFETIME_SECONDS });
  authority.registerClient({ clientId: 'fleet', secret: 'a-secret' });
  const redis = await startRedisServer();
  const mcp = await startMcpServers(authority.issuer);
  const living = new Set<ChildProcess>();
  const events: string[] = [];
  let aheadMilliseconds = 0;
  let rounds = 0;
  let slowAnswers = 0;

  async function startProcess(client: string): Promise<void> {
    const settings: SourcesProcessSettings = {
      client,
      socketPath: redis.socketPath,
      issuer: authority.issuer,
      encryptionKey: btoa('0123456789abcdef0123456789abcdef'),
    };
    const program = fileURLToPath(new URL('sources-process.ts', import.meta.url));
    const child = fork(program, [JSON.stringify(settings)], { execArgv: [] });
    living.add(child);
    child.once('exit', () => living.delete(child));
    child.on('message', (message: SourcesReport) => {
      if (message.type === 'event') events.push(message.event);
      if (message.type === 'slow_store') slowAnswers += 1;
    });
    await nextReport(child, ({ type }) => type === 'ready');
  }

  const clients = Object.keys(REDIS_CLIENTS);
  await Promise.all(
    Array.from({ length: PROCESSES }, (_, index) => startProcess(clients[index % clients.length] ?? '')),
  );

  return {
    authority,
    redis,
    living,
    events,
    slowAnswers: () => slowAnswers,
    advanceSeconds(seconds) {
      aheadMilliseconds += seconds * 1000;
      authority.advanceSeconds(seconds);
    },
    async close() {
      for (const child of living) child.kill('SIGKILL');
      mcp.close();
      await redis.close();
      await authority.close();
    },
    async getTokens(path, leaving = 0) {
      const round = (rounds += 1);
      events.length = 0;
      authority.endpoints.token.clearRequests();
      const resource = `${mcp.origin}${path}`;
      const command: GetTokensCommand = { round, resource, callers: CALLERS, leaving, aheadMilliseconds };
      const reports = await Promise.all(
        [...living].map((child) => {
          const report = nextReport(
            child,
            (message) => message.type === 'answered' && message.round === round,
          );
          child.send(command);
          return report;
        }),
      );
      const answered = reports.filter((report) => report?.type === 'answered');
      return {
        tokens: answered.flatMap(({ tokens }) => tokens),
        failures: answered.flatMap(({ failures }) => failures),
        tokenRequests: authority.endpoints.token.requests.length,
      };
    },
  };
}

/** Every path of one port is an MCP server of its own. */
async function startMcpServers(issuer: string): Promise<{ origin: string; close: () => void }> {
  const wellKnown = '/.well-known/oauth-protected-resource';
  const server = createServer(({ url = '' }, response) => {
    if (!url.startsWith(wellKnown)) return response.writeHead(401).end();
    const metadata = { resource: `${origin}${url.slice(wellKnown.length)}`, authorization_servers: [issuer] };
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(metadata));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Waits until so many token requests of the running round have arrived. */
export async function untilRequested({ authority }: SourcesFleet, count = 1): Promise<void> {
  await vi.waitFor(
    () => {
      if (authority.endpoints.token.requests.length < count) throw new Error('too few token requests');
    },
    { timeout: 20_000, interval: 10 },
  );
}

/** Settles with the report, or with `undefined` when the process ends before. */
function nextReport(
  child: ChildProcess,
  isWanted: (report: SourcesReport) => boolean,
): Promise<SourcesReport | undefined> {
  return new Promise((resolve) => {
    const settle = (report: SourcesReport | undefined): void => {
      child.off('message', listen).off('exit', end);
      resolve(report);
    };
    const listen = (report: SourcesReport): void => {
      if (isWanted(report)) settle(report);
    };
    const end = (): void => settle(undefined);
    child.on('message', listen).once('exit', end);
  });
}
