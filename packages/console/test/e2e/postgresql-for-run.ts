import { startCluster } from 'local-postgresql';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the PostgreSQL that the run shares; not there where it is on SQLite. */
    postgresqlUrl?: string;
  }
}

/** Starts the PostgreSQL of a run. */
export default async function startPostgresql(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startCluster();
  project.provide('postgresqlUrl', cluster.url());
  return async () => await cluster.close();
}
