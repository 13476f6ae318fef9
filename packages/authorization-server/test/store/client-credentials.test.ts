import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createClientStore, type NewClient } from '../../src/store/client-store.ts';
import { createCredentialsLookup } from '../../src/store/client-credentials.ts';
import { openDatabase, type Database } from '../../src/store/database.ts';
import { toEngineClient } from '../../src/provider/client-metadata.ts';
import { MCP } from '../running-server.ts';

const newClient = (clientId: string): NewClient => ({
  clientId,
  label: undefined,
  method: 'secret',
  revision: randomUUID(),
  secrets: [{ id: randomUUID(), mac: 'mac', hint: 'hint' }],
  keys: [],
  access: [
    { resource: MCP, scopes: ['b', 'a'] },
    { resource: 'https://plain.example.com', scopes: [] },
  ],
});

describe('the lookup of token requests', () => {
  let database: Database;
  beforeEach(async () => void (database = await openDatabase(':memory:')));
  afterEach(async () => await database.close());

  it('gives the same object, and the engine the same metadata, until the client changes', async () => {
    const store = createClientStore(database);
    const find = createCredentialsLookup(database);
    await store.insert(newClient('one'), 1);
    const [first, second] = [await find('one'), await find('one')];
    expect(first).toEqual({
      clientId: 'one',
      method: 'secret',
      secretMacs: ['mac'],
      keys: [],
      access: newClient('one').access,
    });
    expect(second).toBe(first);
    if (first === undefined || second === undefined) throw new Error('not found');
    expect(toEngineClient(second)).toBe(toEngineClient(first));

    await store.delete('one');
    expect(await find('one')).toBeUndefined();
    await store.insert(newClient('one'), 2);
    expect(await find('one')).not.toBe(first);
  });

  it('keeps no more than a thousand clients, and finds the others all the same', async () => {
    const store = createClientStore(database);
    const find = createCredentialsLookup(database);
    for (let i = 0; i < 1001; i++) await store.insert(newClient(`c${i}`), i);
    const first = await find('c0');
    for (let i = 1; i < 1001; i++) await find(`c${i}`);
    const again = await find('c0');
    expect(again).toEqual(first);
    expect(again).not.toBe(first);
  });

  it('rolls a client back whole when a part of it cannot be stored', async () => {
    const store = createClientStore(database);
    const client = newClient('half');
    const [secret] = client.secrets;
    await expect(
      store.insert({ ...client, secrets: [secret, secret] as NewClient['secrets'] }, 1),
    ).rejects.toThrow('UNIQUE');
    expect(await store.get('half')).toBeUndefined();
    await expect(store.insert(client, 2)).resolves.toMatchObject({ clientId: 'half' });
  });
});
