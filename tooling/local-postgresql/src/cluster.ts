import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { Client } from 'pg';

import { createClusterFolder, removeClusterFolder } from './cluster-folder.ts';
import { findPostgresql } from './find-postgresql.ts';
import { unprivilegedUser } from './unprivileged-user.ts';

/** Options of {@link startCluster}. */
export interface ClusterOptions {
  /** Settings of the server beside its own, such as `{ max_connections: '20' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Files to put into its data folder, readable by its owner alone: `server.crt` and `server.key`, say. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

/** A PostgreSQL server of one's own, on a port of 127.0.0.1, under a password made up for it. */
export interface Cluster {
  /** Where PostgreSQL's programs are. */
  readonly programs: string;
  readonly port: number;
  readonly password: string;
  /** The URL of a database, of `postgres` unless given. */
  url(database?: string): string;
  /** Creates an empty database and returns its URL. */
  createDatabase(name: string): Promise<string>;
  /** Runs one statement as the superuser. */
  run(statement: string): Promise<Record<string, unknown>[]>;
  /** Starts it again, on the same port, after {@link Cluster.stop} or {@link Cluster.kill}. */
  start(): Promise<void>;
  /** Stops it as an administrator does: connections are told, and closed. */
  stop(): Promise<void>;
  /** Kills it, as a crash would. */
  kill(): Promise<void>;
  /** Kills it and removes its folder. */
  close(): Promise<void>;
}

const USER = 'postgres';

// What is written survives every process here, and nobody pulls the plug on a test.
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  fsync: 'off',
  full_page_writes: 'off',
  log_min_messages: 'fatal',
};

/**
 * Starts PostgreSQL in a folder of its own, which is removed when it is closed or this process ends.
 *
 * @throws Error when its programs are not installed, or it does not start
 */
export async function startCluster({ settings = {}, files = {} }: ClusterOptions = {}): Promise<Cluster> {
  const programs = findPostgresql();
  const user = unprivilegedUser();
  const folder = createClusterFolder(user);
  const data = path.join(folder, 'data');
  const password = randomBytes(16).toString('hex');
  const port = await findFreePort();
  const chosen = Object.entries({ ...SETTINGS, ...settings, port: String(port) });
  const parameters = chosen.flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  let child: ChildProcess | undefined;

  const url = (database = 'postgres') => `postgresql://${USER}:${password}@127.0.0.1:${port}/${database}`;

  async function run(statement: string): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: url() });
    try {
      await client.connect();
      return (await client.query<Record<string, unknown>>(statement)).rows;
    } finally {
      await client.end();
    }
  }

  async function start(): Promise<void> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const started = spawn(path.join(programs, 'postgres'), ['-D', data, ...parameters], {
        ...user,
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      child = started;
      let complaint = '';
      started.stderr.on('data', (text) => (complaint += String(text)));
      if (await becomesReady(started)) return;
      // The processes of a killed server take a moment to notice.
      if (!/pre-existing shared memory|lock file/.test(complaint)) throw new Error(complaint);
      await sleep(50);
    }
    throw new Error('PostgreSQL did not start again within ten seconds.');
  }

  async function becomesReady(started: ChildProcess): Promise<boolean> {
    while (started.exitCode === null && started.signalCode === null) {
      if (await run('select 1').then(Boolean, () => false)) return true;
      await sleep(20);
    }
    return false;
  }

  async function end(signal: 'SIGINT' | 'SIGKILL'): Promise<void> {
    const running = child;
    child = undefined;
    if (running?.pid === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill(signal);
    await ended;
  }

  const removeAtOnce = () => {
    child?.kill('SIGKILL');
    removeClusterFolder(folder);
  };
  process.once('exit', removeAtOnce);

  async function close(): Promise<void> {
    await end('SIGKILL');
    removeClusterFolder(folder);
    process.removeListener('exit', removeAtOnce);
  }

  try {
    const passwordFile = path.join(folder, 'password');
    await writeFile(passwordFile, password);
    const initialise = ['-D', data, '-U', USER, '-A', 'scram-sha-256', '--pwfile', passwordFile];
    await promisify(execFile)(
      path.join(programs, 'initdb'),
      [...initialise, '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'],
      { ...user, cwd: folder },
    );
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(data, name);
      await writeFile(file, content, { mode: 0o600 });
      if (user.uid !== undefined && user.gid !== undefined) await chown(file, user.uid, user.gid);
    }
    await start();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    programs,
    port,
    password,
    url,
    async createDatabase(name) {
      await run(`create database "${name}"`);
      return url(name);
    },
    run,
    start,
    stop: async () => await end('SIGINT'),
    kill: async () => await end('SIGKILL'),
    close,
  };
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
