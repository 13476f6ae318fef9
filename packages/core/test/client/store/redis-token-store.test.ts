import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  createRedisTokenStore,
  type RedisTokenStoreOptions,
} from '../../../src/client/store/redis-token-store.ts';
import { createStoredToken, START } from './stored-token.ts';

const command = async () => null;

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable('it did not fail'),
    (error: unknown) => error,
  );
}

// What a real Redis does with it is in redis-token-store.redis-test.ts.
describe('createRedisTokenStore', () => {
  it.each([
    [{}, 'command must be a function such as (args) => redis.call(...args)'],
    [{ command: {} }, 'command must be a function'],
    [{ command, keyPrefix: 'two words ' }, 'keyPrefix'],
    [{ command, keyPrefix: 5 }, 'keyPrefix'],
    [{ command, encryptionKey: 'short' }, 'encryptionKey must be 32 random bytes'],
    [{ command, now: 5 }, 'now must be a function'],
    [{ command, encryptionKeys: [] }, 'did you mean "encryptionKey"'],
  ])('refuses the options %o', (options, words) => {
    expect(() => createRedisTokenStore(options as unknown as RedisTokenStoreOptions)).toThrow(
      expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(words) as string }),
    );
  });

  it.each([
    [
      'READONLY',
      new Error("READONLY You can't write against a read only replica: a-token"),
      'Error READONLY',
    ],
    ['ERR', new Error("ERR unknown command 'EVAL', with args beginning with: 'a-token'"), 'Error ERR'],
    [
      'a broken connection',
      Object.assign(new Error('connect a-token'), { code: 'ECONNREFUSED' }),
      'Error ECONNREFUSED',
    ],
    ['a cause', new Error('a-token', { cause: new TypeError('a-token') }), 'Error TypeError'],
    ['text', 'a-token', 'an error'],
  ])('S3: names %s without the words and properties that hold the token', async (_, thrown, named) => {
    const store = createRedisTokenStore({
      command: async (args) => {
        throw thrown instanceof Error ? Object.assign(thrown, { command: { args } }) : thrown;
      },
      now: () => START,
    });
    const change = { token: createStoredToken() };
    const error = await failureOf(
      store.compareAndSet('a', undefined, change, { expiresAt: START + 300_000 }),
    );
    expect(error).toMatchObject({
      name: 'TokenStoreError',
      operation: 'compare_and_set',
      received: named,
      message: `The token store (compare_and_set): expected a reply from Redis, received ${named}.`,
    });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('a-token');
  });

  it.each([5, {}, ['a-token'], true])('takes %o for no answer to a read', async (reply) => {
    const store = createRedisTokenStore({ command: async () => reply });
    expect(await failureOf(store.read('a'))).toMatchObject({ name: 'TokenStoreError', operation: 'read' });
  });

  it.each([null, 'OK', 2, {}])('takes %o for no answer to a change', async (reply) => {
    const store = createRedisTokenStore({ command: async () => reply });
    const change = store.compareAndSet('a', undefined, undefined, { expiresAt: START });
    expect(await failureOf(change)).toMatchObject({ name: 'TokenStoreError', operation: 'compare_and_set' });
  });

  it('understands clients that return integers as strings or bigint', async () => {
    const answers = await Promise.all(
      [1, '1', 1n, 0, '0', 0n].map((reply) =>
        createRedisTokenStore({ command: async () => reply }).compareAndSet('a', 'v', undefined, {
          expiresAt: START,
        }),
      ),
    );
    expect(answers).toEqual([true, true, true, false, false, false]);
  });
});
