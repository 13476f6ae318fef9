import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

import type { SqliteDatabase, SqliteStatement } from 'kysely';

/** Statements kept prepared; more than this package ever writes. */
const MAX_STATEMENTS = 200;

const NOTHING: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  *iterate() {},
};

/**
 * Gives a `node:sqlite` database the small surface Kysely's SQLite dialect expects, with every statement
 * prepared once.
 *
 * Transactions begin `immediate`: one that began by reading could not write when another process did in
 * between.
 */
export function adaptNodeSqlite(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(text) {
      // A full disk makes SQLite roll back by itself; saying so again would hide why.
      if (text === 'rollback' && !database.isTransaction) return NOTHING;
      const known = statements.get(text);
      if (known !== undefined) return known;
      const statement = adaptStatement(database.prepare(text === 'begin' ? 'begin immediate' : text));
      if (statements.size < MAX_STATEMENTS) statements.set(text, statement);
      return statement;
    },
  };
}

function adaptStatement(statement: StatementSync): SqliteStatement {
  const bind = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[];
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...bind(parameters)),
    run: (parameters) => statement.run(...bind(parameters)),
    iterate: (parameters) => statement.iterate(...bind(parameters)),
  };
}
