import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Database } from '../../src/store/database.ts';
import { createThrottle, type Throttle } from '../../src/throttling/throttle.ts';
import { parseThrottling } from '../../src/throttling/throttling-options.ts';
import { openTestDatabase } from '../databases.ts';

const HERE = '192.0.2.1';
const ELSEWHERE = '198.51.100.7';
const RULES = parseThrottling({
  failuresPerClient: 3,
  failuresPerAddress: 6,
  windowSeconds: 60,
  blockSeconds: 30,
});

describe('the throttle', () => {
  let database: Database;
  let time: number;
  let throttle: Throttle;
  const start = () => createThrottle(RULES, { database, now: () => time });

  beforeEach(async () => {
    database = await openTestDatabase();
    time = Date.parse('2026-06-01T12:00:00Z');
    throttle = start();
  });
  afterEach(async () => await database.close());

  async function fail(times: number, clientId: string, address = HERE, by = throttle) {
    for (let count = 0; count < times; count++) await by.fail(clientId, address);
  }

  it('refuses a client from an address after as many failures as are allowed, and not before', async () => {
    await fail(2, 'nightly');
    expect(throttle.check('nightly', HERE)).toBeUndefined();
    await fail(1, 'nightly');
    expect(throttle.check('nightly', HERE)).toEqual({ seconds: 30, by: 'client' });
  });

  it('never refuses the same client elsewhere, nor another client at the same address', async () => {
    await fail(3, 'nightly');
    expect(throttle.check('nightly', ELSEWHERE)).toBeUndefined();
    expect(throttle.check('weekly', HERE)).toBeUndefined();
  });

  it('lets an attempt pass again once the time it named is over', async () => {
    await fail(3, 'nightly');
    time += 29_999;
    expect(throttle.check('nightly', HERE)).toEqual({ seconds: 1, by: 'client' });
    time += 1;
    expect(throttle.check('nightly', HERE)).toBeUndefined();
  });

  it('blocks again with the first failure after a block, until as long as a window went without one', async () => {
    await fail(3, 'nightly');
    time += 30_000;
    await fail(1, 'nightly');
    expect(throttle.check('nightly', HERE)).toEqual({ seconds: 30, by: 'client' });
    time += 30_000 + 60_000;
    await fail(2, 'nightly');
    expect(throttle.check('nightly', HERE)).toBeUndefined();
  });

  it('forgets failures with their window', async () => {
    await fail(2, 'nightly');
    time += 60_000;
    await fail(2, 'nightly');
    expect(throttle.check('nightly', HERE)).toBeUndefined();
  });

  it('refuses an address that tries many clients, but not a client that got a token from there', async () => {
    throttle.succeed('nightly', HERE);
    for (let client = 0; client < 6; client++) await fail(1, `guess-${client}`);
    expect(throttle.check('another', HERE)).toEqual({ seconds: 30, by: 'address' });
    expect(throttle.check('another', ELSEWHERE)).toBeUndefined();
    expect(throttle.check('nightly', HERE)).toBeUndefined();
  });

  it('counts one network of IPv6 as one address', async () => {
    await fail(2, 'nightly', '2001:db8:1:2::1');
    await fail(1, 'nightly', '2001:0db8:0001:0002:ffff::');
    expect(throttle.check('nightly', '2001:db8:1:2:3:4:5:6')).toEqual({ seconds: 30, by: 'client' });
    expect(throttle.check('nightly', '2001:db8:1:3::1')).toBeUndefined();
  });

  it('counts together what several instances see, and each knows of a block with its next failure', async () => {
    const other = start();
    await fail(2, 'nightly');
    await fail(1, 'nightly', HERE, other);
    expect(other.check('nightly', HERE)).toEqual({ seconds: 30, by: 'client' });
    expect(await throttle.fail('nightly', HERE)).toBe(30);
    expect(throttle.check('nightly', HERE)).toEqual({ seconds: 30, by: 'client' });
  });

  it('tells those attempts of a crowd that were too many even though they all began in time', async () => {
    const crowded = createThrottle({ ...RULES, failuresPerAddress: 100 }, { database, now: () => time });
    const waits = await Promise.all(
      Array.from({ length: 10 }, async () => await crowded.fail('nightly', HERE)),
    );
    expect(waits.filter((wait) => wait === undefined)).toHaveLength(3);
    expect(waits.filter((wait) => wait === 30)).toHaveLength(7);
  });

  it('is not held up by a clock that is set back by a year, nor led to believe a block from the future', async () => {
    await fail(3, 'nightly');
    time -= 365 * 86_400_000;
    expect(throttle.check('nightly', HERE)).toBeUndefined();
    await fail(2, 'nightly');
    expect(throttle.check('nightly', HERE)).toBeUndefined();
    await fail(1, 'nightly');
    expect(throttle.check('nightly', HERE)).toEqual({ seconds: 30, by: 'client' });
  });

  it('keeps no more of a clock that jumps ahead than a block that is over', async () => {
    await fail(2, 'nightly');
    time += 365 * 86_400_000;
    expect(throttle.check('nightly', HERE)).toBeUndefined();
    await fail(2, 'nightly');
    expect(throttle.check('nightly', HERE)).toBeUndefined();
  });

  it('asks no database on behalf of who succeeds', () => {
    const unreachable = { ...database, db: undefined as never };
    const other = createThrottle(RULES, { database: unreachable, now: () => time });
    expect(other.check('nightly', HERE)).toBeUndefined();
    other.succeed('nightly', HERE);
    expect(other.check('nightly', HERE)).toBeUndefined();
  });

  it('stores neither client ids nor addresses, and removes what is over', async () => {
    const claimed = 'a secret in the place of a client id';
    for (let client = 0; client < 5; client++) await fail(1, `${claimed} ${client}`, `192.0.2.${client}`);
    const rows = await database.db.selectFrom('throttled').selectAll().execute();
    expect(rows).toHaveLength(10);
    expect(JSON.stringify(rows)).not.toMatch(/secret|192\.0\.2/);
    time += 3_600_000;
    // Enough for the removal, which happens along the way, to come round.
    await fail(32, 'nightly');
    expect(await database.db.selectFrom('throttled').selectAll().execute()).toHaveLength(2);
  });

  it.each([
    [{ failuresPerClient: 0 }, 'throttling.failuresPerClient must be a whole number from 1 to 1000'],
    [{ windowSeconds: 1.5 }, 'throttling.windowSeconds must be a whole number'],
    [{ failuresPerAddress: 5 }, 'must not be less than throttling.failuresPerClient'],
    [{ blockseconds: 5 }, 'did you mean "blockSeconds"'],
  ])('refuses the rules %o', (rules, message) => {
    expect(() => parseThrottling(rules as object)).toThrow(message);
  });
});
