import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { insertClient, searchTextOf, type NewClient } from '../../src/store/client-store.ts';
import { createCredentialsLookup } from '../../src/store/client-credentials.ts';
import type { Database } from '../../src/store/database.ts';
import { toEngineClient } from '../../src/provider/client-metadata.ts';
import { openTestDatabase } from '../databases.ts';
import { MCP } from '../running-server.ts';

const newClient = (clientId: string): NewClient => ({
  row: {
    id: clientId,
    method: 'secret',
    state: 'enabled',
    revision: randomUUID(),
    grant_types: 'client_credentials',
    search_text: searchTextOf({ id: clientId }),
    created_at: 1,
    updated_at: 1,
  },
  secrets: [{ id: `secret of ${clientId}`, mac: 'mac', hint: 'hint', expiresAt: undefined }],
  keys: [],
  access: [
    { resource: MCP, scopes: ['b', 'a'], defaultScopes: ['a'] },
    { resource: 'https://plain.example.com', scopes: [] },
  ],
});

describe('the lookup of token requests', () => {
  let database: Database;
  beforeEach(async () => void (database = await openTestDatabase()));
  afterEach(async () => await database.close());

  const insert = async (client: NewClient) =>
    await database.transact(async (transaction) => await insertClient(transaction, client));
  const remove = async (clientId: string) =>
    await database.transact(
      async (transaction) => await transaction.deleteFrom('clients').where('id', '=', clientId).execute(),
    );

  it('gives the same object, and the engine the same metadata, until the client changes', async () => {
    const find = createCredentialsLookup(database);
    await insert(newClient('one'));
    const [first, second] = [await find('one'), await find('one')];
    expect(first).toEqual({
      clientId: 'one',
      revision: expect.any(String),
      method: 'secret',
      state: 'enabled',
      grantTypes: ['client_credentials'],
      secrets: [{ id: 'secret of one', mac: 'mac' }],
      keys: [],
      access: newClient('one').access,
    });
    expect(second).toBe(first);
    if (first === undefined || second === undefined) throw new Error('not found');
    expect(toEngineClient(second)).toBe(toEngineClient(first));

    await remove('one');
    expect(await find('one')).toBeUndefined();
    await insert(newClient('one'));
    expect(await find('one')).not.toBe(first);
  });

  it('gives the engine nothing of the client but its revision to tell changes by', async () => {
    const find = createCredentialsLookup(database);
    await insert(newClient('one'));
    const credentials = await find('one');
    if (credentials === undefined) throw new Error('not found');
    const text = JSON.stringify(toEngineClient(credentials));
    expect(text).toContain(credentials.revision);
    for (const part of ['"mac"', MCP, 'secret of one']) expect(text).not.toContain(part);
  });

  it('keeps no more than a thousand clients, and finds the others all the same', async () => {
    const find = createCredentialsLookup(database);
    await database.transact(async (transaction) => {
      for (let i = 0; i < 1001; i++) await insertClient(transaction, newClient(`c${i}`));
    });
    const first = await find('c0');
    for (let i = 1; i < 1001; i++) await find(`c${i}`);
    const again = await find('c0');
    expect(again).toEqual(first);
    expect(again).not.toBe(first);
  });

  it('rolls a client back whole when a part of it cannot be stored', async () => {
    const find = createCredentialsLookup(database);
    const client = newClient('half');
    const [secret] = client.secrets;
    await expect(insert({ ...client, secrets: [secret, secret] as NewClient['secrets'] })).rejects.toThrow(
      /unique/i,
    );
    expect(await find('half')).toBeUndefined();
    await insert(client);
    expect(await find('half')).toMatchObject({ clientId: 'half' });
  });
});
