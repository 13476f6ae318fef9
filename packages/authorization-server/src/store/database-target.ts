import { AuthorizationServerError } from '../authorization-server-error.ts';
import {
  parsePostgresqlOptions,
  type PostgresqlConnection,
  type PostgresqlOptions,
} from './postgresql-connection.ts';

/** Which database to open. */
export type DatabaseTarget =
  | { readonly dialect: 'sqlite'; readonly path: string }
  | { readonly dialect: 'postgresql'; readonly connection: PostgresqlConnection };

const EXPECTED =
  'database must be the path of an SQLite file, ":memory:", a "postgresql://" URL, or an object with such a url';

/**
 * Parses the option `database`.
 *
 * @throws TypeError naming what is wrong and the mend; it never repeats a URL
 */
export function parseDatabase(value: unknown): DatabaseTarget {
  if (typeof value === 'object' && value !== null) {
    return { dialect: 'postgresql', connection: parsePostgresqlOptions(value as PostgresqlOptions) };
  }
  if (typeof value !== 'string' || value === '') throw new TypeError(`${EXPECTED}.`);
  if (/^postgres(?:ql)?:/i.test(value)) {
    return { dialect: 'postgresql', connection: parsePostgresqlOptions({ url: value }) };
  }
  if (/^[a-z][a-z+]+:\/\//i.test(value) || value.startsWith('file:')) {
    throw new TypeError(`${EXPECTED}, not another URL.`);
  }
  return { dialect: 'sqlite', path: value };
}

/** Makes the error about a database that cannot be opened. */
export function unusableDatabase(name: string, expected: string, cause: unknown): AuthorizationServerError {
  const reason = cause instanceof Error && cause.message !== '' ? cause.message : 'it cannot be reached';
  return new AuthorizationServerError(
    'database_unusable',
    `database: ${name} cannot be used: ${reason}. ${expected}`,
    { cause },
  );
}
