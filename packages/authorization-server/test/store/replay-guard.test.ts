import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Database } from '../../src/store/database.ts';
import { createReplayGuard } from '../../src/store/replay-guard.ts';
import { openTestDatabase } from '../databases.ts';

/** Removing is not waited for by those who use. */
const PATIENTLY = { timeout: 10_000 };
const START = 1_800_000_000_000;
const seconds = (milliseconds: number) => milliseconds / 1000;

describe('the replay guard', () => {
  let database: Database;
  let now: number;
  let elapsed: number;
  beforeEach(async () => {
    database = await openTestDatabase();
    [now, elapsed] = [START, 5000];
  });
  afterEach(async () => await database.close());

  const createGuard = () =>
    createReplayGuard(
      database,
      () => now,
      () => elapsed,
    );
  const pass = (milliseconds: number) => {
    now += milliseconds;
    elapsed += milliseconds;
  };
  const kept = async () =>
    (await database.db.selectFrom('replay').select('id').orderBy('id').execute())
      .map(({ id }) => id)
      .filter((id) => id.includes(' '));

  /** As many uses as it takes for expired ones to be removed, each expiring right away. */
  async function useMany(guard = createGuard()) {
    for (let i = 0; i < 65; i++) await guard.use(`filler ${now}-${i}`, seconds(now) + 1);
  }

  it('A15: lets one of fifty parallel uses through, of two guards on one database', async () => {
    const guards = [createGuard(), createGuard()] as const;
    const uses = Array.from({ length: 50 }, async (_, i) =>
      (guards[i % 2] ?? guards[0]).use('client one', seconds(now) + 60),
    );
    expect((await Promise.all(uses)).filter(Boolean)).toHaveLength(1);
    expect(await createGuard().use('client two', seconds(now) + 60)).toBe(true);
  });

  it('takes an expiry that is no whole second', async () => {
    const guard = createGuard();
    expect(await guard.use('client one', seconds(now) + 0.5)).toBe(true);
    expect(await guard.use('client one', seconds(now) + 0.25)).toBe(false);
  });

  it('removes what expired more than a minute ago, and nothing else', async () => {
    const guard = createGuard();
    await guard.use('client early', seconds(now) + 10);
    await guard.use('client late', seconds(now) + 600);
    pass(69_000);
    await useMany(guard);
    expect(await kept()).toContain('client early');
    pass(3000);
    await useMany(guard);
    await expect.poll(kept, PATIENTLY).not.toContain('client early');
    expect(await kept()).toContain('client late');
    pass(200_000);
    await useMany(guard);
    await expect.poll(kept, PATIENTLY).toHaveLength(66);
  });

  it('A15: removes nothing because the clock leapt ahead, so that nothing is used twice when it is set right', async () => {
    const guard = createGuard();
    expect(await guard.use('client one', seconds(now) + 60)).toBe(true);
    now += 86_400_000;
    await useMany(guard);
    now -= 86_400_000;
    expect(await guard.use('client one', seconds(now) + 60)).toBe(false);
    expect(await guard.use('client two', seconds(now) + 60)).toBe(true);
  });

  it('A15: after a start with a clock that was ahead, refuses what may have been removed until it has expired', async () => {
    expect(await createGuard().use('client one', seconds(now) + 60)).toBe(true);
    now += 86_400_000;
    await useMany(createGuard());
    await expect.poll(kept, PATIENTLY).not.toContain('client one');

    now -= 86_400_000;
    for (const guard of [createGuard(), createGuard()]) {
      expect(await guard.use('client one', seconds(now) + 60)).toBe(false);
      expect(await guard.use('client of the same time', seconds(now) + 60)).toBe(false);
    }
    pass(1000);
    expect(await createGuard().use('client later', seconds(now) + 60)).toBe(true);
  });

  it('A15: refuses what was removed when the clock is set back by an hour', async () => {
    const guard = createGuard();
    await guard.use('client one', seconds(now) + 60);
    pass(3_600_000);
    await useMany(guard);
    await expect.poll(kept, PATIENTLY).not.toContain('client one');
    now -= 3_600_000;
    expect(await guard.use('client one', seconds(now) + 60)).toBe(false);
  });

  it('removes a few at a time', async () => {
    await database.db
      .insertInto('replay')
      .values(Array.from({ length: 1000 }, (_, i) => ({ id: `old ${i}`, expires_at_seconds: 1 })))
      .execute();
    await createGuard().use('client one', seconds(now) + 60);
    const old = async () => (await kept()).filter((id) => id.startsWith('old')).length;
    await expect.poll(old, PATIENTLY).toBe(1000 - 256);
  });
});
