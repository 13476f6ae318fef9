import type { Kysely } from 'kysely';

import type { Database } from './database.ts';
import { padList } from './padded-list.ts';
import type { Schema } from './schema.ts';

/** Notes that a client, and one of its credentials, was just used. */
export type RecordUse = (clientId: string, credentialId: string) => void;

/** When the credentials of one client were last used, in milliseconds. */
export interface ClientUses {
  /** The client itself. */
  readonly client: number | undefined;
  of(credentialId: string): number | undefined;
}

/** Knows when clients and their credentials were last used. */
export interface LastUses {
  readonly record: RecordUse;
  /** What is written, and what this instance still has to write; an entry for every id asked for. */
  read(db: Kysely<Schema>, clientIds: readonly string[]): Promise<Map<string, ClientUses>>;
  /** Writes what is noted, a last time. */
  close(): Promise<void>;
}

interface Use {
  readonly clientId: string;
  readonly credentialId: string;
  usedAt: number;
}

const WRITE_EVERY_SECONDS = 5;
/** Few lengths, so that the statements stay prepared. */
const ROWS_AT_ONCE = [64, 8, 1];
/** Beyond this, further clients go unnoted until the next write. */
const MAX_NOTED = 100_000;

/** The client itself, beside its credentials. */
const CLIENT_ITSELF = '';

/**
 * Notes uses in memory, and writes them in batches every five seconds: a process that is killed forgets the last
 * ones. While the database fails they are kept.
 *
 * @param now - the clock, in milliseconds
 */
export function createLastUses({ db }: Database, now: () => number): LastUses {
  let noted = new Map<string, Use>();
  /** What is just being written is neither here nor surely there. */
  let leaving: ReadonlyMap<string, Use> = new Map();
  let writing: Promise<void> | undefined;
  const timer = setInterval(() => void write(), WRITE_EVERY_SECONDS * 1000).unref();

  function note(clientId: string, credentialId: string, usedAt: number): void {
    const key = `${clientId} ${credentialId}`;
    const use = noted.get(key);
    if (use !== undefined) use.usedAt = Math.max(use.usedAt, usedAt);
    else if (noted.size < MAX_NOTED) noted.set(key, { clientId, credentialId, usedAt });
  }

  async function writeNoted(): Promise<void> {
    const uses = [...noted.values()];
    leaving = noted;
    noted = new Map();
    for (let start = 0, length: number; start < uses.length; start += length) {
      const left = uses.length - start;
      length = ROWS_AT_ONCE.find((rows) => rows <= left) ?? 1;
      try {
        await writeUses(db, uses.slice(start, start + length));
      } catch {
        for (const { clientId, credentialId, usedAt } of uses.slice(start)) {
          note(clientId, credentialId, usedAt);
        }
        return;
      }
    }
  }

  async function write(): Promise<void> {
    if (noted.size > 0) writing ??= writeNoted().finally(() => (writing = undefined));
    await writing;
  }

  return {
    record(clientId, credentialId) {
      const usedAt = now();
      note(clientId, CLIENT_ITSELF, usedAt);
      note(clientId, credentialId, usedAt);
    },
    async read(source, clientIds) {
      const written = new Map<string, number>();
      if (clientIds.length > 0) {
        const rows = await source
          .selectFrom('last_uses')
          .selectAll()
          .where('client_id', 'in', padList(clientIds))
          .execute();
        for (const row of rows) written.set(`${row.client_id} ${row.credential_id}`, row.used_at);
      }
      const latest = (key: string): number | undefined => {
        const times = [written.get(key), leaving.get(key)?.usedAt, noted.get(key)?.usedAt];
        const found = times.filter((time) => time !== undefined);
        return found.length === 0 ? undefined : Math.max(...found);
      };
      return new Map(
        clientIds.map((clientId) => [
          clientId,
          {
            client: latest(`${clientId} ${CLIENT_ITSELF}`),
            of: (credentialId) => latest(`${clientId} ${credentialId}`),
          },
        ]),
      );
    },
    async close() {
      clearInterval(timer);
      await write();
      await write();
    },
  };
}

async function writeUses(db: Kysely<Schema>, uses: readonly Use[]): Promise<void> {
  const ids = uses.map(({ clientId }) => clientId);
  const rows = await db.selectFrom('clients').select('id').where('id', 'in', ids).execute();
  // A client that was deleted meanwhile has no uses.
  const known = new Set(rows.map(({ id }) => id));
  const values = uses
    .filter(({ clientId }) => known.has(clientId))
    .map(({ clientId, credentialId, usedAt }) => ({
      client_id: clientId,
      credential_id: credentialId,
      used_at: usedAt,
    }));
  if (values.length === 0) return;
  await db
    .insertInto('last_uses')
    .values(values)
    .onConflict((conflict) =>
      conflict
        .columns(['client_id', 'credential_id'])
        .doUpdateSet((update) => ({ used_at: update.ref('excluded.used_at') }))
        .whereRef('last_uses.used_at', '<', 'excluded.used_at'),
    )
    .execute();
}
