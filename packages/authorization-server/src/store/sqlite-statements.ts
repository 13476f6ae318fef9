import type { DatabaseSync } from 'node:sqlite';

import type { QueryResult, SqliteDatabase, SqliteStatement } from 'kysely';

/** Runs a statement with parameters, in the order of its text. */
export type RunStatement = <T>(text: string, parameters: readonly unknown[]) => Promise<QueryResult<T>>;

interface WaitingWrite {
  readonly text: string;
  readonly statement: SqliteStatement;
  readonly parameters: readonly unknown[];
  readonly resolve: (result: QueryResult<never>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Makes the function that runs the few statements of every token request without Kysely's detours, which cost as
 * much as SQLite itself.
 *
 * Writes of the same turn are committed together: a commit costs more than the row. A promise is kept after the
 * commit. Where somebody's transaction is open, a statement takes the usual way, behind it: there is one
 * connection, and what is done within a transaction shares its fate.
 *
 * @param queue - the usual way, one after the other
 */
export function createStatementRunner(
  database: DatabaseSync,
  { prepare }: Pick<SqliteDatabase, 'prepare'>,
  queue: RunStatement,
): RunStatement {
  let waiting: WaitingWrite[] = [];

  function writeWaiting(): void {
    const group = waiting;
    waiting = [];
    try {
      if (database.isTransaction) runInQueue(group);
      else if (group.length === 1) runEach(group);
      else runTogether(group);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  function runInQueue(group: readonly WaitingWrite[]): void {
    for (const { text, parameters, resolve, reject } of group)
      queue<never>(text, parameters).then(resolve, reject);
  }

  function runTogether(group: readonly WaitingWrite[]): void {
    let results: readonly QueryResult<never>[];
    try {
      database.exec('begin immediate');
      results = group.map(run);
      database.exec('commit');
    } catch {
      // A full disk makes SQLite roll back by itself.
      if (database.isTransaction) database.exec('rollback');
      // What one of them failed for is not to fail the others.
      runEach(group);
      return;
    }
    for (const [index, { resolve }] of group.entries()) resolve(results[index] as QueryResult<never>);
  }

  function runEach(group: readonly WaitingWrite[]): void {
    for (const write of group) {
      try {
        write.resolve(run(write));
      } catch (error) {
        write.reject(error);
      }
    }
  }

  return async <T>(text: string, parameters: readonly unknown[]) => {
    const statement = prepare(text);
    if (statement.reader) {
      return database.isTransaction
        ? await queue<T>(text, parameters)
        : { rows: statement.all(parameters) as T[] };
    }
    return await new Promise<QueryResult<T>>((resolve, reject) => {
      if (waiting.length === 0) setImmediate(writeWaiting);
      waiting.push({ text, statement, parameters, resolve, reject });
    });
  };
}

function run({ statement, parameters }: WaitingWrite): QueryResult<never> {
  const { changes } = statement.run(parameters);
  return { rows: [], numAffectedRows: BigInt(changes) };
}
