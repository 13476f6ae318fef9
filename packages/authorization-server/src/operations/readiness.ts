import type { Database } from '../store/database.ts';

/** A part without which no token can be issued. */
export type ServerPart = 'database' | 'signing_keys';

/** Whether a server can serve. */
export interface Readiness {
  readonly ready: boolean;
  /** What keeps it from serving; `stopping` once it was told to stop. */
  readonly failing: readonly (ServerPart | 'stopping')[];
}

/** Asks whether the server can serve. */
export type CheckReadiness = () => Promise<Readiness>;

const WITHIN_MS = 2000;

/**
 * Makes the check: the database answers in time, and holds a signing key.
 *
 * However often it is asked, it puts one question to the database at a time.
 *
 * @param database - where everything is
 * @param isStopping - whether the server was told to stop
 */
export function createReadinessCheck({ db }: Database, isStopping: () => boolean): CheckReadiness {
  let asking: Promise<readonly ServerPart[]> | undefined;

  async function ask(): Promise<readonly ServerPart[]> {
    try {
      const key = await db
        .selectFrom('signing_keys')
        .select('id')
        .where('state', '=', 'current')
        .limit(1)
        .executeTakeFirst();
      return key === undefined ? ['signing_keys'] : [];
    } catch {
      return ['database'];
    } finally {
      asking = undefined;
    }
  }

  return async () => {
    if (isStopping()) return { ready: false, failing: ['stopping'] };
    asking ??= ask();
    const failing = await within(asking);
    return { ready: failing.length === 0, failing };
  };
}

async function within(answer: Promise<readonly ServerPart[]>): Promise<readonly ServerPart[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly ServerPart[]>((resolve) => {
    timer = setTimeout(() => resolve(['database']), WITHIN_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
