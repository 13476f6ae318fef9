import { DatabaseSync } from 'node:sqlite';

/** A client and what belongs to it; the column that names the client, and those that are unique. */
const TABLES = [
  { table: 'clients', client: 'id', unique: [] },
  { table: 'client_secrets', client: 'client_id', unique: ['id'] },
  { table: 'client_access', client: 'client_id', unique: [] },
] as const;

/** Id of the copy with a number. */
export function copyOf(clientId: string, number: number): string {
  return `${clientId}-${number}`;
}

/**
 * Copies a client in an SQLite database that nothing serves, with its secret, so that so many are stored. A copy
 * has the secret of the original.
 */
export function storeManyClients(path: string, clientId: string, count: number): void {
  const database = new DatabaseSync(path);
  try {
    database.exec('pragma cache_size = -200000; begin immediate');
    for (const { table, client, unique } of TABLES) {
      const columns = database
        .prepare('select name from pragma_table_info(?)')
        .all(table)
        .map(({ name }) => String(name));
      const values = columns.map((column) => {
        if (column === client) return `original.${column} || '-' || number`;
        return unique.some((name) => name === column)
          ? `original.${column} || '-' || number`
          : `original.${column}`;
      });
      const insert = database.prepare(
        `with recursive numbers(number) as (select 1 union all select number + 1 from numbers where number < ?)
         insert into ${table} (${columns.join(', ')})
         select ${values.join(', ')} from numbers cross join ${table} as original where original.${client} = ?`,
      );
      insert.run(count, clientId);
    }
    database.exec('commit; pragma wal_checkpoint(truncate); analyze');
  } finally {
    database.close();
  }
}
