import type { Database } from '../store/database.ts';

/** Scopes by canonical resource. */
export type ResourceScopes = ReadonlyMap<string, readonly string[]>;

/**
 * The scopes of every resource, configured and registered, as known now; the same map as long as nothing
 * changed. Gives a promise only when the database has to be asked.
 */
export type CurrentResources = () => ResourceScopes | Promise<ResourceScopes>;

/** What token requests know of the resources. */
export interface ResourceDirectory {
  readonly current: CurrentResources;
  /** Makes the next request ask the database: something was changed here. */
  readonly expire: () => void;
}

/** Changes made by another instance are seen after this at the latest. */
export const RESOURCES_SEEN_WITHIN_SECONDS = 2;

/**
 * Keeps the resources in memory and asks the database again every two seconds, when somebody asks at all; all
 * who ask meanwhile wait for the one query.
 *
 * A resource of the configuration hides one that was registered under the same identifier.
 *
 * @param configured - scopes by resource, as configured
 * @param now - the clock, in milliseconds
 */
export function createResourceDirectory(
  { db }: Database,
  configured: ResourceScopes,
  now: () => number,
): ResourceDirectory {
  const query = db.selectFrom('resources').select(['id', 'scopes', 'revision']).orderBy('id').compile();
  let known: ResourceScopes | undefined;
  let version = '';
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<ResourceScopes> | undefined;
  let changes = 0;

  async function read(): Promise<ResourceScopes> {
    const [startedAt, before] = [now(), changes];
    const { rows } = await db.executeQuery(query);
    const found = rows.map(({ id, revision }) => `${id} ${revision}`).join('\n');
    if (known !== undefined && found === version) {
      if (before === changes) readAt = startedAt;
      return known;
    }
    const registered = rows.map(({ id, scopes }) => [id, scopes === '' ? [] : scopes.split(' ')] as const);
    const resources: ResourceScopes = new Map([...registered, ...configured]);
    // What was changed here while this was read may not be in it.
    if (before === changes) [known, version, readAt] = [resources, found, startedAt];
    return resources;
  }

  return {
    current() {
      const age = now() - readAt;
      // A clock that was set back makes the age negative, and tells nothing.
      if (known !== undefined && age >= 0 && age < RESOURCES_SEEN_WITHIN_SECONDS * 1000) return known;
      reading ??= read().finally(() => (reading = undefined));
      return reading;
    },
    expire() {
      changes++;
      readAt = Number.NEGATIVE_INFINITY;
      reading = undefined;
    },
  };
}
