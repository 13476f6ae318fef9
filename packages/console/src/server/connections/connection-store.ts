import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** A connection as it is kept. */
export interface StoredConnection {
  readonly id: string;
  /** The settings with the credential, encrypted. */
  readonly sealedSettings: string;
  readonly createdAt: number;
  readonly createdBy: string;
  /** What the last test found, as JSON. */
  readonly health: string | undefined;
}

/** Where connections are kept. */
export interface ConnectionStore {
  list(): readonly StoredConnection[];
  find(id: string): StoredConnection | undefined;
  /** @returns whether there was room for it */
  add(connection: StoredConnection, most: number): boolean;
  setHealth(id: string, health: string): void;
  /** @returns whether it was there */
  delete(id: string): boolean;
  close(): void;
}

const SCHEMA = `
  create table if not exists connections (
    id text primary key,
    sealed_settings text not null,
    created_at integer not null,
    created_by text not null,
    health text
  ) strict`;

interface Row {
  readonly id: string;
  readonly sealed_settings: string;
  readonly created_at: number;
  readonly created_by: string;
  readonly health: string | null;
}

/**
 * Opens the SQLite file of connections, readable by its owner alone, and creates it when it is not there.
 *
 * @param path - or `:memory:`
 * @throws Error of SQLite
 */
export function openConnectionStore(path: string): ConnectionStore {
  if (path !== ':memory:') {
    if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
  }
  const database = new DatabaseSync(path);
  database.exec('pragma journal_mode = wal; pragma busy_timeout = 5000; pragma synchronous = full');
  database.exec(SCHEMA);
  const statements = {
    list: database.prepare('select * from connections order by created_at, id'),
    find: database.prepare('select * from connections where id = ?'),
    count: database.prepare('select count(*) as count from connections'),
    add: database.prepare(
      'insert into connections (id, sealed_settings, created_at, created_by) values (?, ?, ?, ?)',
    ),
    setHealth: database.prepare('update connections set health = ? where id = ?'),
    delete: database.prepare('delete from connections where id = ?'),
  };
  return {
    list: () => (statements.list.all() as unknown as Row[]).map(toConnection),
    find(id) {
      const row = statements.find.get(id) as Row | undefined;
      return row === undefined ? undefined : toConnection(row);
    },
    add({ id, sealedSettings, createdAt, createdBy }, most) {
      if ((statements.count.get() as { count: number }).count >= most) return false;
      statements.add.run(id, sealedSettings, createdAt, createdBy);
      return true;
    },
    setHealth: (id, health) => void statements.setHealth.run(health, id),
    delete: (id) => statements.delete.run(id).changes > 0,
    close: () => database.close(),
  };
}

function toConnection({ id, sealed_settings, created_at, created_by, health }: Row): StoredConnection {
  return {
    id,
    sealedSettings: sealed_settings,
    createdAt: created_at,
    createdBy: created_by,
    health: health ?? undefined,
  };
}
