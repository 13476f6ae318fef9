import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { vi } from 'vitest';
import type { ProcessReport, ProcessSettings, RenewCommand } from './client-process.ts';
import { REDIS_CLIENTS } from './redis-clients.ts';
import { startRedisServer, type RedisServer } from './redis-server.ts';

/** What a round of renewals came to, over all processes. */
export interface Round {
  readonly tokens: readonly string[];
  readonly failures: readonly string[];
  /** How many token requests reached the authority. */
  readonly tokenRequests: number;
}

/** Processes that share one Redis and one authorization server. */
export interface ClientFleet {
  readonly authority: TestAuthority;
  readonly redis: RedisServer;
  /** What the processes said of their store. */
  readonly storeFailures: readonly string[];
  /** The living processes that have asked for a token in this round, oldest first. */
  acquiring(): readonly ChildProcess[];
  /** Lets every living process renew with twenty callers at once. */
  renew(): Promise<Round>;
  /** Moves every clock past the end of all tokens. */
  expireTokens(): void;
  /** Ends all of it. */
  close(): Promise<void>;
}

const PROCESSES = 10;
const CALLERS = 20;
const LIFETIME_SECONDS = 300;

/** Starts ten processes, over one Redis client and the other in turn. */
export async function startClientFleet(
  bounds: Pick<ProcessSettings, 'storeTimeoutMilliseconds' | 'leaseMilliseconds'>,
): Promise<ClientFleet> {
  const authority = await createTestAuthority({ accessTokenLifetimeSeconds: LIFETIME_SECONDS });
  authority.registerClient({ clientId: 'fleet', secret: 'a-secret' });
  const redis = await startRedisServer();

  const storeFailures: string[] = [];
  const living = new Set<ChildProcess>();
  let acquiring: ChildProcess[] = [];
  let aheadMilliseconds = 0;
  let rounds = 0;

  async function startProcess(client: string): Promise<void> {
    const settings: ProcessSettings = {
      client,
      socketPath: redis.socketPath,
      tokenEndpoint: authority.tokenEndpoint,
      authorization: `Basic ${btoa('fleet:a-secret')}`,
      resource: 'https://mcp.example.com/mcp',
      encryptionKey: btoa('0123456789abcdef0123456789abcdef'),
      ...bounds,
    };
    const program = fileURLToPath(new URL('client-process.ts', import.meta.url));
    const child = fork(program, [JSON.stringify(settings)], { execArgv: [] });
    living.add(child);
    child.once('exit', () => living.delete(child));
    child.on('message', (message: ProcessReport) => {
      if (message.type === 'acquiring') acquiring.push(child);
      if (message.type === 'store_failure') storeFailures.push(message.message);
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
    storeFailures,
    acquiring: () => acquiring.filter((child) => living.has(child)),
    expireTokens() {
      aheadMilliseconds += (LIFETIME_SECONDS + 1) * 1000;
      authority.advanceSeconds(LIFETIME_SECONDS + 1);
    },
    async close() {
      for (const child of living) child.kill('SIGKILL');
      await redis.close();
      await authority.close();
    },
    async renew() {
      const round = (rounds += 1);
      acquiring = [];
      authority.endpoints.token.clearRequests();
      const command: RenewCommand = { round, callers: CALLERS, aheadMilliseconds };
      const reports = await Promise.all(
        [...living].map((child) => {
          const report = nextReport(
            child,
            (message) => message.type === 'renewed' && message.round === round,
          );
          child.send(command);
          return report;
        }),
      );
      const renewed = reports.filter((report) => report?.type === 'renewed');
      return {
        tokens: renewed.flatMap(({ tokens }) => tokens),
        failures: renewed.flatMap(({ failures }) => failures),
        tokenRequests: authority.endpoints.token.requests.length,
      };
    },
  };
}

/** Waits for a process to ask for a token, and for its request to arrive. */
export async function untilAcquiring(fleet: ClientFleet, count = 1): Promise<ChildProcess> {
  return vi.waitFor(
    () => {
      const child = fleet.acquiring()[count - 1];
      if (child === undefined || fleet.authority.endpoints.token.requests.length < count) {
        throw new Error(`fewer than ${count} processes ask for a token`);
      }
      return child;
    },
    { timeout: 20_000, interval: 10 },
  );
}

/** Settles with the report, or with `undefined` when the process ends before. */
function nextReport(
  child: ChildProcess,
  isWanted: (report: ProcessReport) => boolean,
): Promise<ProcessReport | undefined> {
  return new Promise((resolve) => {
    const settle = (report: ProcessReport | undefined): void => {
      child.off('message', listen).off('exit', end);
      resolve(report);
    };
    const listen = (report: ProcessReport): void => {
      if (isWanted(report)) settle(report);
    };
    const end = (): void => settle(undefined);
    child.on('message', listen).once('exit', end);
  });
}
