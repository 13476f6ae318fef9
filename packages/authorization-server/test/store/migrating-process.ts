// Run as a child process: opens a database when it is told to, and says what it found.
import { openDatabase } from '../../src/store/database.ts';

const [url = ''] = process.argv.slice(2);
process.once('disconnect', () => process.exit());
process.once('message', () => void open());
process.send?.('ready');

async function open(): Promise<void> {
  const database = await openDatabase(url);
  const { version } = await database.db
    .selectFrom('schema_version')
    .select('version')
    .executeTakeFirstOrThrow();
  await database.db.selectFrom('audit_events').select('id').execute();
  await database.close();
  process.send?.({ version }, () => process.disconnect());
}
