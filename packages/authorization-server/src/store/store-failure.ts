import { DatabaseError } from 'pg';

// What went wrong between this process and PostgreSQL carries no class or code of its own.
const connectionFailures = new WeakSet<object>();

/** Notes that an error came from the connection to the database, and returns it. */
export function markConnectionFailure(error: unknown): unknown {
  if (typeof error === 'object' && error !== null) connectionFailures.add(error);
  return error;
}

const SQLITE_CONSTRAINT = 19;

/** Classes of SQLSTATE that are about values, not about the database: data exceptions, integrity constraints. */
const ABOUT_VALUES = /^2[23]/;

/**
 * Tells whether an error came from the database rather than from the request: it cannot be reached, is
 * stopping, full, read-only, too slow, or not as it should be. What a value caused is none.
 *
 * @see {@link https://www.postgresql.org/docs/current/errcodes-appendix.html | PostgreSQL Error Codes},
 *   {@link https://www.sqlite.org/rescode.html | SQLite Result Codes}
 */
export function isStoreFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (connectionFailures.has(error)) return true;
  if (error instanceof DatabaseError) return !ABOUT_VALUES.test(error.code ?? '');
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  // The low byte is the result, the others say more about it.
  return code === 'ERR_SQLITE_ERROR' && (Number(errcode) & 0xff) !== SQLITE_CONSTRAINT;
}
