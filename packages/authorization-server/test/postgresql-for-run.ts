import { startCluster } from 'local-postgresql';

/** Starts the PostgreSQL that all tests of a run share, each in a schema of its own. */
export default async function startPostgresql(): Promise<() => Promise<void>> {
  const cluster = await startCluster();
  process.env['TEST_POSTGRESQL_URL'] = cluster.url();
  return async () => await cluster.close();
}
