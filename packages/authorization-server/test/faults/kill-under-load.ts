import { randomInt } from 'node:crypto';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  claimsFor,
  registerWithKey,
  requestWithAssertion,
  signAssertion,
  type SigningClient,
} from '../assertion.ts';
import type { ClientPage } from '../../src/index.ts';
import { basic, GRANT, MCP, post, requestToken, startServer, type RunningServer } from '../running-server.ts';
import { forkServingProcess } from './serving-processes.ts';

/** What is left after a process was killed again and again. */
export interface KillOutcome {
  /** Clients whose creation was acknowledged. */
  readonly acknowledged: number;
  /** Assertions that got a token. */
  readonly accepted: number;
  readonly acceptedTwice: readonly string[];
  /** Acknowledged clients that get no token. */
  readonly lost: readonly string[];
  /** Clients that the audit trail does not tell of, and those it tells of that are not there. */
  readonly misrecorded: readonly string[];
  /** Clients of whom a part is missing. */
  readonly halfWritten: readonly string[];
  /** What SQLite says of the file. */
  readonly integrity: readonly string[];
}

const ISSUER = 'https://auth.example.com';
/** Every so many are killed while they start. */
const KILLED_STARTING = 5;
const MAX_MILLISECONDS_TO_START = 250;
const MAX_ANSWERS = 60;

/**
 * Serves from a file, under load, in one process after another, each killed at a random moment of its start, or of
 * its work after a random number of answers; then looks at what is left.
 */
export async function killUnderLoad(database: string, kills: number): Promise<KillOutcome> {
  const prepared = await startServer({ database, issuer: ISSUER });
  const signer = await registerWithKey(prepared, 'signer');
  await prepared.stop();

  const secrets = new Map<string, string>();
  const tokens = new Map<string, number>();
  let lately: string[] = [];
  const fork = () => forkServingProcess(database, ISSUER, join(dirname(database), 'compiled'));
  await fork().dismiss();
  let next = fork();
  for (let kill = 0; kill < kills; kill++) {
    const serving = next;
    // Loads its modules while this one works.
    next = fork();
    await serving.standingBy;
    const starting = serving.serve();
    const early = kill % KILLED_STARTING === 0;
    let dying = early ? sleep(randomInt(MAX_MILLISECONDS_TO_START)).then(serving.kill) : undefined;
    let answers = early ? Infinity : randomInt(1, MAX_ANSWERS);
    const onAnswer = () => {
      if (--answers <= 0) dying ??= serving.kill();
    };
    const origin = await starting;
    if (origin !== undefined) {
      const before = lately;
      lately = [];
      await Promise.all([
        createClients(origin, kill, secrets, onAnswer),
        ...before.slice(-20).map(async (assertion) => await use(origin, assertion, tokens)),
        useAssertions(origin, signer, tokens, lately, onAnswer),
        useAssertions(origin, signer, tokens, lately, onAnswer),
      ]);
    }
    await dying;
  }
  await next.kill();

  const { integrity, halfWritten } = inspectFile(database);
  const running = await startServer({ database, issuer: ISSUER });
  for (const assertion of tokens.keys()) await use(running.origin, assertion, tokens);
  const lost: string[] = [];
  for (const [clientId, secret] of secrets) {
    const parameters = { ...GRANT, resource: MCP };
    const answer = await requestToken({ issuer: running.origin }, parameters, basic(clientId, secret));
    if (answer.status !== 200) lost.push(clientId);
  }
  const misrecorded = await findMisrecorded(running);
  await running.stop();
  const counts = [...tokens];
  return {
    acknowledged: secrets.size,
    accepted: counts.filter(([, count]) => count > 0).length,
    acceptedTwice: counts.filter(([, count]) => count > 1).map(([assertion]) => assertion),
    lost,
    misrecorded,
    halfWritten,
    integrity,
  };
}

async function findMisrecorded({ server }: RunningServer): Promise<string[]> {
  const recorded = new Set<string>();
  for await (const line of server.audit.export({ type: 'client_created' })) {
    recorded.add((JSON.parse(line) as { clientId: string }).clientId);
  }
  const there = new Set<string>();
  for (let after: string | undefined = ''; after !== undefined;) {
    const page: ClientPage = await server.clients.list({ limit: 1000, after });
    for (const { clientId } of page.clients) there.add(clientId);
    after = page.nextAfter;
  }
  return [...recorded, ...there].filter((clientId) => !recorded.has(clientId) || !there.has(clientId));
}

async function createClients(
  origin: string,
  life: number,
  secrets: Map<string, string>,
  onAnswer: () => void,
): Promise<void> {
  for (let i = 0; ; i++) {
    const clientId = `client-${life}-${i}`;
    try {
      const { status, body } = await post(`${origin}/create`, clientId);
      if (status === 200) secrets.set(clientId, String(body['secret']));
      onAnswer();
    } catch {
      return;
    }
  }
}

/** Sends each assertion twice at once, until the process is gone. */
async function useAssertions(
  origin: string,
  signer: SigningClient,
  tokens: Map<string, number>,
  sent: string[],
  onAnswer: () => void,
): Promise<void> {
  for (let alive = true; alive;) {
    const exp = Math.floor(Date.now() / 1000) + 290;
    const assertion = await signAssertion(signer.privateKey, claimsFor(signer, { issuer: ISSUER }, { exp }));
    sent.push(assertion);
    const answered = await Promise.all([use(origin, assertion, tokens), use(origin, assertion, tokens)]);
    alive = answered.every(Boolean);
    if (alive) onAnswer();
  }
}

/** @returns whether there was an answer */
async function use(origin: string, assertion: string, tokens: Map<string, number>): Promise<boolean> {
  const count = (more: number) => tokens.set(assertion, (tokens.get(assertion) ?? 0) + more);
  count(0);
  try {
    const { status } = await requestWithAssertion({ issuer: origin }, assertion);
    if (status === 200) count(1);
    return true;
  } catch {
    return false;
  }
}

function inspectFile(database: string): Pick<KillOutcome, 'integrity' | 'halfWritten'> {
  const sqlite = new DatabaseSync(database);
  const column = (statement: string, name: string) =>
    sqlite
      .prepare(statement)
      .all()
      .map((row) => String(row[name]));
  const integrity = column('pragma integrity_check', 'integrity_check');
  const halfWritten = [
    ...column('pragma foreign_key_check', 'table'),
    ...column(
      `select id from clients where id != 'signer'
         and ((select count(*) from client_secrets where client_id = clients.id) != 1
           or (select count(*) from client_access where client_id = clients.id) != 2)`,
      'id',
    ),
  ];
  sqlite.close();
  return { integrity, halfWritten };
}
