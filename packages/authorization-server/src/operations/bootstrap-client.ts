import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { AuthorizationServerError } from '../authorization-server-error.ts';
import type { Clients } from '../clients/clients.ts';
import type { Database } from '../store/database.ts';

/** The scopes of the administration, at the resource `<issuer>/admin`. */
export const ADMIN_SCOPES = ['admin:read', 'admin:write'] as const;

/** The resource identifier of the administration. */
export function adminResourceOf(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/admin`;
}

/** The first administrator's client id. */
export const BOOTSTRAP_CLIENT_ID = 'bootstrap-administrator';

/** Where the first administrator's credential was written. */
export interface BootstrapCredential {
  readonly clientId: string;
  /** Absolute path of the file, which its owner alone can read. */
  readonly file: string;
}

/** Dependencies of {@link ensureBootstrapClient}. */
export interface BootstrapDependencies {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly database: Database;
  readonly clients: Pick<Clients, 'create' | 'delete' | 'get'>;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

const MARK = 'bootstrap-client';
const BY = { actor: 'server' };
/** How long another instance may take from making the client to noting that all is done. */
const UNDER_WAY_MS = 60_000;

/**
 * Creates the first administrator, once in the life of a database, and writes its credential into a file that
 * its owner alone can read. An administrator who deletes that client has deleted it for good.
 *
 * What was interrupted is taken up at the next start. Does not overwrite a file.
 *
 * @param dependencies - what it is made from; the resource `<issuer>/admin` has to be known
 * @param path - where the file goes; its folder has to be there
 * @returns undefined when it was done before, or another instance is at it
 * @throws AuthorizationServerError `bootstrap_file_exists` when there is such a file, of another database say
 */
export async function ensureBootstrapClient(
  dependencies: BootstrapDependencies,
  path: string,
): Promise<BootstrapCredential | undefined> {
  const { database, clients, now } = dependencies;
  const file = resolve(path);
  const done = { clientId: BOOTSTRAP_CLIENT_ID, file };
  if (await isMarked(database)) return undefined;
  const begun = await clients.get(BOOTSTRAP_CLIENT_ID);
  if (begun !== undefined) {
    if (existsSync(file)) return (await mark(database, now())) ? done : undefined;
    if (Math.abs(now() - Date.parse(begun.createdAt)) < UNDER_WAY_MS) return undefined;
    await clients.delete(BOOTSTRAP_CLIENT_ID, {}, BY);
  }
  refuseToOverwrite(file);
  const secret = await createClient(dependencies);
  if (secret === undefined) return undefined;
  try {
    writePrivately(file, describeCredential(dependencies, secret));
  } catch (error) {
    await clients.delete(BOOTSTRAP_CLIENT_ID, {}, BY);
    throw error;
  }
  await mark(database, now());
  return done;
}

async function createClient({ clients, issuer }: BootstrapDependencies): Promise<string | undefined> {
  try {
    const { secret } = await clients.create(
      {
        clientId: BOOTSTRAP_CLIENT_ID,
        label: 'First administrator',
        authentication: { method: 'secret' },
        access: [{ resource: adminResourceOf(issuer), scopes: [...ADMIN_SCOPES] }],
      },
      BY,
    );
    return secret;
  } catch (error) {
    // Another instance that started at the same moment was first.
    if (error instanceof AuthorizationServerError && error.code === 'client_exists') return undefined;
    throw error;
  }
}

function describeCredential({ issuer, tokenEndpoint }: BootstrapDependencies, clientSecret: string): string {
  const credential = {
    issuer,
    tokenEndpoint,
    resource: adminResourceOf(issuer),
    scope: ADMIN_SCOPES.join(' '),
    clientId: BOOTSTRAP_CLIENT_ID,
    clientSecret,
  };
  return `${JSON.stringify(credential, undefined, 2)}\n`;
}

function refuseToOverwrite(file: string): void {
  if (!existsSync(file)) return;
  throw new AuthorizationServerError(
    'bootstrap_file_exists',
    `${file} exists already, and is not the credential of this database. Move it away, or have the credential written elsewhere.`,
  );
}

/** All of it or nothing: it gets its name once it is complete. */
function writePrivately(file: string, text: string): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx', flush: true });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

async function isMarked({ db }: Database): Promise<boolean> {
  const row = await db.selectFrom('shared_values').select('name').where('name', '=', MARK).executeTakeFirst();
  return row !== undefined;
}

/** @returns whether it was not there */
async function mark({ transact }: Database, at: number): Promise<boolean> {
  return await transact(async (transaction) => {
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('shared_values')
      .values({ name: MARK, sealed_value: '', created_at: at })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows === 1n;
  });
}
