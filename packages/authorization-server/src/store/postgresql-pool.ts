import type { CompiledQuery, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import { DatabaseError, Pool, types, type CustomTypesConfig, type PoolClient, type QueryResultRow } from 'pg';

import type { PreparedQuery } from './database.ts';
import type { PostgresqlConnection } from './postgresql-connection.ts';
import { markConnectionFailure } from './store-failure.ts';

/** Connections to PostgreSQL, as Kysely wants them. */
export interface PostgresqlPool extends PostgresPool {
  /** Makes a function that runs a query without Kysely's detours, on any connection. */
  prepare<T>(query: CompiledQuery<T>): PreparedQuery<T>;
}

const IDLE_TIMEOUT_SECONDS = 60;
const KEEP_ALIVE_AFTER_SECONDS = 10;
/** How long the database's own time-out may take to arrive before the connection is given up. */
const GRACE_SECONDS = 2;

/**
 * Makes a pool of connections.
 *
 * A connection that fails is replaced by another when the next query needs one; nothing has to be started
 * again. What fails between this process and PostgreSQL is marked, for {@link isStoreFailure}.
 */
export function createPostgresqlPool(connection: PostgresqlConnection): PostgresqlPool {
  const pool = new Pool(describePool(connection));
  // Without listeners, a connection lost while nobody waits for an answer would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const adapted = new WeakMap<PoolClient, PostgresPoolClient>();
  let prepared = 0;
  return {
    options: {},
    prepare<T>({ sql }: CompiledQuery<T>): PreparedQuery<T> {
      const name = `mcp_m2m_${prepared++}`;
      return async (parameters) => {
        const query = { name, text: sql, values: [...parameters] };
        const { rows, rowCount } = await failing(pool.query<T & QueryResultRow>(query));
        return { rows, numAffectedRows: BigInt(rowCount ?? 0) };
      };
    },
    async connect() {
      const client = await failing(pool.connect());
      let known = adapted.get(client);
      if (known === undefined) adapted.set(client, (known = adaptClient(client)));
      return known;
    },
    end: async () => await pool.end(),
  };
}

function describePool(connection: PostgresqlConnection) {
  const { maxConnections, connectTimeoutSeconds, statementTimeoutSeconds, startupOptions, ...address } =
    connection;
  return {
    ...address.server,
    options: [
      '-c synchronous_commit=on',
      `-c statement_timeout=${statementTimeoutSeconds}s`,
      `-c idle_in_transaction_session_timeout=${statementTimeoutSeconds}s`,
      // The last of two counts.
      startupOptions,
    ]
      .filter((option) => option !== undefined)
      .join(' '),
    max: maxConnections,
    connectionTimeoutMillis: connectTimeoutSeconds * 1000,
    query_timeout: (statementTimeoutSeconds + GRACE_SECONDS) * 1000,
    idleTimeoutMillis: IDLE_TIMEOUT_SECONDS * 1000,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_SECONDS * 1000,
    types: { getTypeParser },
  };
}

// For this pool alone: others in the same process keep theirs.
const getTypeParser: CustomTypesConfig['getTypeParser'] = (id, format) =>
  id === types.builtins.INT8 && format !== 'binary' ? Number : types.getTypeParser(id, format);

function adaptClient(client: PoolClient): PostgresPoolClient {
  let broken = false;
  const query = async <R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> => {
    try {
      const result = await failing(client.query({ text, values: [...parameters] }));
      return result as unknown as PostgresQueryResult<R>;
    } catch (error) {
      // An answer that never came may yet arrive: nobody else must take it for theirs.
      if (!(error instanceof DatabaseError)) broken = true;
      throw error;
    }
  };
  return {
    query: query as PostgresPoolClient['query'],
    release: (destroy) => client.release(broken || destroy === true),
  };
}

async function failing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof DatabaseError ? error : markConnectionFailure(error);
  }
}
