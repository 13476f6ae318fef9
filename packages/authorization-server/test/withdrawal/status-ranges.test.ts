import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { searchTextOf } from '../../src/store/client-store.ts';
import type { ClientCredentials } from '../../src/store/client-credentials.ts';
import type { Database } from '../../src/store/database.ts';
import { createRevocationStore } from '../../src/store/revocation-store.ts';
import {
  BLOCK_SIZE,
  createStatusRangeStore,
  LIST_SIZE,
  revokeRangesOf,
} from '../../src/store/status-store.ts';
import { createClientWithdrawal } from '../../src/withdrawal/client-withdrawal.ts';
import { createStatusRanges } from '../../src/withdrawal/status-ranges.ts';
import type { TokenStatus } from '../../src/withdrawal/token-status.ts';
import { openTestDatabase } from '../databases.ts';

const NOW = Date.UTC(2031, 0, 1);

describe('status list indexes', () => {
  let database: Database;
  let now: number;
  beforeEach(async () => {
    now = NOW;
    database = await openTestDatabase();
  });
  afterEach(async () => await database.close());

  const start = () => createStatusRanges(createStatusRangeStore(database), () => now);
  const expiry = () => now / 1000 + 300;
  const countRanges = async () =>
    (await database.db.selectFrom('status_ranges').selectAll().execute()).length;
  const spell = ({ listId, index }: TokenStatus) => `${listId}.${index}`;

  /** A client that exists, as it was authenticated. */
  async function addClient(clientId: string): Promise<ClientCredentials> {
    const row = {
      id: clientId,
      method: 'secret',
      state: 'enabled',
      revision: 'r',
      grant_types: 'client_credentials',
      search_text: searchTextOf({ id: clientId }),
      created_at: 1,
      updated_at: 1,
    } as const;
    await database.db.insertInto('clients').values(row).execute();
    return { clientId } as ClientCredentials;
  }

  it('are never given twice, to several clients, at once, by two instances', async () => {
    const instances = [start(), start()];
    const clients = [await addClient('a'), await addClient('b'), await addClient('c')];
    const places = await Promise.all(
      Array.from({ length: 3000 }, async (_, i) => {
        const assign = instances[i % 2] as ReturnType<typeof start>;
        return await assign(clients[i % 3] as ClientCredentials, expiry());
      }),
    );
    expect(new Set(places.map(spell)).size).toBe(3000);
    const store = createRevocationStore(database);
    for (const [i, place] of places.entries()) {
      if (i % 50 !== 0) continue;
      expect((await store.findOwner(place))?.clientId).toBe((clients[i % 3] as ClientCredentials).clientId);
    }
  });

  it('take one row for more and more tokens', async () => {
    const assign = start();
    const client = await addClient('busy');
    let rows = 0;
    for (let i = 0; i < 20_000; i++) {
      const place = assign(client, expiry());
      if (place instanceof Promise) rows++;
      await place;
    }
    // 8, 16, … 4096 are 8184 together, then 4096 at a time.
    expect(rows).toBe(13);
    expect(await countRanges()).toBe(13);
  });

  it('do not tell how many were given', async () => {
    const assign = start();
    const orders = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const client = await addClient(`client-${i}`);
      const places: number[] = [];
      for (let j = 0; j < 8; j++) places.push((await assign(client, expiry())).index % 8);
      expect(new Set(places).size).toBe(8);
      orders.add(places.join());
    }
    expect(orders.size).toBeGreaterThan(5);
  });

  it('of a process that ended are given by no other', async () => {
    const client = await addClient('a');
    const seen = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const assign = start();
      for (let j = 0; j < 5; j++) seen.add(spell(await assign(client, expiry())));
    }
    expect(seen.size).toBe(100);
  });

  it('come from the next list when one is full', async () => {
    const store = createStatusRangeStore(database);
    const blocks = [];
    for (let i = 0; i < LIST_SIZE / BLOCK_SIZE + 1; i++) blocks.push(await store.takeBlock(now));
    expect(blocks.at(-2)).toEqual({ listId: 1, firstIndex: LIST_SIZE - BLOCK_SIZE });
    expect(blocks.at(-1)).toEqual({ listId: 2, firstIndex: 0 });
    const lists = await database.db
      .selectFrom('status_lists')
      .select(['id', 'filled_at'])
      .orderBy('id')
      .execute();
    expect(lists).toEqual([
      { id: 1, filled_at: now },
      { id: 2, filled_at: null },
    ]);
  });

  it('are in a range that outlives the token', async () => {
    const assign = start();
    const client = await addClient('a');
    const store = createRevocationStore(database);
    for (const lifetime of [60, 300, 86_400, 300, 3600]) {
      const expiresAt = now / 1000 + lifetime;
      const owner = await store.findOwner(await assign(client, expiresAt));
      expect(owner?.expiresAt).toBeGreaterThanOrEqual(expiresAt * 1000);
      now += 400_000;
    }
  });

  it('are forgotten once nothing refers to them, ranges and lists', async () => {
    const assign = start();
    const store = createStatusRangeStore(database);
    const client = await addClient('a');
    await assign(client, expiry());
    await createRevocationStore(database).revoke(
      { tokenId: 't', clientId: 'a', listId: 1, index: 0, expiresAt: now + 300_000 },
      now,
      async () => undefined,
    );
    await database.db.updateTable('status_lists').set({ filled_at: now }).execute();
    const count = async () => [
      await countRanges(),
      (await database.db.selectFrom('revoked_tokens').selectAll().execute()).length,
      (await database.db.selectFrom('status_lists').selectAll().execute()).length,
    ];
    now += 299_000;
    await store.purge(now);
    expect(await count()).toEqual([1, 1, 1]);
    now += 3_600_000;
    await store.purge(now);
    expect(await count()).toEqual([0, 0, 1]);
    now += 3 * 86_400_000;
    await store.purge(now);
    expect(await count()).toEqual([0, 0, 0]);
  });

  it('keep the table small while clients come and go', async () => {
    const assign = start();
    for (let i = 0; i < 40; i++) {
      const clients = await Promise.all(Array.from({ length: 25 }, (_, j) => addClient(`${i}-${j}`)));
      await Promise.all(clients.map(async (client) => await assign(client, expiry())));
      now += 100_000;
    }
    // 25 at a time for 900 seconds, and what was not cleared yet.
    expect(await countRanges()).toBeLessThan(500);
  });

  it('are refused to a client that was disabled or deleted meanwhile', async () => {
    const assign = start();
    for (const change of [
      async () => await database.db.updateTable('clients').set({ state: 'disabled' }).execute(),
      async () => await database.db.deleteFrom('clients').execute(),
    ]) {
      const client = await addClient(`a-${change.toString().length}`);
      await change();
      await expect(assign(client, expiry())).rejects.toMatchObject({ error: 'invalid_client' });
    }
  });

  it('handed out while their client is being disabled are revoked after it', async () => {
    const { database: changing, withdrawTokens } = createClientWithdrawal(database);
    const kept = await start()(await addClient('b'), expiry());
    let place: TokenStatus | undefined;
    // What was handed out is not yet visible to the transaction, as on another instance.
    await changing.transact(async (transaction) => {
      await withdrawTokens(transaction, 'a', now);
      await transaction
        .insertInto('status_ranges')
        .values({
          list_id: 9,
          first_index: 0,
          size: 8,
          client_id: 'a',
          expires_at: now + 1,
          revoked_at: null,
        })
        .execute();
      place = { listId: 9, index: 3 };
    });
    const store = createRevocationStore(database);
    expect(await store.findOwner(place as TokenStatus)).toMatchObject({ clientId: 'a', revoked: true });
    expect(await store.findOwner(kept)).toMatchObject({ clientId: 'b', revoked: false });
  });

  it('are revoked for one client at a time, and the version of the list goes up', async () => {
    const [a, b] = [await addClient('a'), await addClient('b')];
    const assign = start();
    const [ofA, ofB] = [await assign(a, expiry()), await assign(b, expiry())];
    const store = createRevocationStore(database);
    const version = Number(await store.readVersion(1));
    await revokeRangesOf(database.db, 'a', now);
    expect([(await store.findOwner(ofA))?.revoked, (await store.findOwner(ofB))?.revoked]).toEqual([
      true,
      false,
    ]);
    expect(await store.readVersion(1)).toBe(version + 1);
    await revokeRangesOf(database.db, 'a', now);
    expect(await store.readVersion(1)).toBe(version + 1);
  });

  it('go on after the database was away', async () => {
    const client = await addClient('a');
    let away = true;
    const store = createStatusRangeStore(database);
    const assign = createStatusRanges(
      {
        ...store,
        async addRanges(ranges) {
          if (away) throw new Error('away');
          return await store.addRanges(ranges);
        },
      },
      () => now,
    );
    await expect(assign(client, expiry())).rejects.toThrow('away');
    away = false;
    expect(await assign(client, expiry())).toMatchObject({ listId: 1 });
  });
});
