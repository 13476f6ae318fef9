import { assertKnownOptions } from '../../known-options.ts';
import { kindOf } from '../../printable-text.ts';
import { createRecordSeal, createVersion, type TokenEncryptionKey } from './record-seal.ts';
import { copyTokenRecord, type TokenRecord } from './token-record.ts';
import { nameStoreFailure, TokenStoreError, type TokenStoreOperation } from './token-store-error.ts';
import type { TokenStore } from './token-store.ts';

/** Sends one command to Redis and returns its reply: strings as strings, integers as numbers, nothing as `null`. */
export type RedisCommand = (args: readonly [name: string, ...rest: string[]]) => Promise<unknown>;

/** Options of {@link createRedisTokenStore}. */
export interface RedisTokenStoreOptions {
  /**
   * How a command is sent: for ioredis `(args) => redis.call(...args)`, for node-redis
   * `(args) => client.sendCommand(args)`. A client that fails at once while Redis is away serves best (ioredis:
   * `enableOfflineQueue: false`; node-redis: `disableOfflineQueue: true`), both want a listener for `error`, and such a client should
   * have connected before the first token is asked for.
   */
  readonly command: RedisCommand;
  /** Stands before every key; at most 200 printable characters. Default `mcp-m2m:token:`. */
  readonly keyPrefix?: string | undefined;
  /**
   * Encrypts the tokens (AES-256-GCM): a key, or a list of which the first encrypts and all decrypt. Recommended:
   * without it whoever reads this Redis has the tokens, and whoever writes to it decides which are used. To rotate,
   * add the new key at the end everywhere, then move it to the front everywhere, then remove the old one.
   */
  readonly encryptionKey?: TokenEncryptionKey | readonly TokenEncryptionKey[] | undefined;
  /** The current time in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** The version of what is not an entry of ours. */
const FOREIGN = 'foreign';
const ENTRY = /^v1\.([\w-]{16})\.([^]+)$/;
const MOST_CHARACTERS = 262_144;

/** The same reading of a version as `ENTRY`, so that an entry nobody can open is overwritten as well. */
const COMPARE_AND_SET = `
local value = redis.pcall('GET', KEYS[1])
local version = ''
if type(value) == 'table' then
  if string.sub(value.err, 1, 9) ~= 'WRONGTYPE' then return value end
  version = '${FOREIGN}'
elseif value then
  version = string.match(value, '^v1%.([%w_-]+)%..') or '${FOREIGN}'
  if #version ~= 16 then version = '${FOREIGN}' end
end
if version ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1`;

/**
 * A token store in Redis (or what speaks its protocol and runs its scripts), for several processes. Needs `GET`,
 * `EVAL`, `SET` and `DEL` on its own keys.
 *
 * What cannot be decrypted or parsed is as good as absent, and is overwritten. Each key stands alone, so a cluster
 * will do; entries expire by themselves. A Redis that forgets, or a replica that lags, costs token requests only.
 *
 * @throws TypeError naming the option and the mend
 */
export function createRedisTokenStore(options: RedisTokenStoreOptions): TokenStore {
  assertKnownOptions(options, ['command', 'keyPrefix', 'encryptionKey', 'now'], 'createRedisTokenStore');
  const { command, keyPrefix = 'mcp-m2m:token:', now = Date.now } = options;
  if (typeof command !== 'function') {
    throw new TypeError(
      'createRedisTokenStore: command must be a function such as (args) => redis.call(...args) for ioredis or (args) => client.sendCommand(args) for node-redis.',
    );
  }
  if (typeof keyPrefix !== 'string' || !/^[\x21-\x7e]{0,200}$/.test(keyPrefix)) {
    throw new TypeError('createRedisTokenStore: keyPrefix must be at most 200 printable ASCII characters.');
  }
  if (typeof now !== 'function') throw new TypeError('createRedisTokenStore: now must be a function.');
  const seal = createRecordSeal(options.encryptionKey);

  async function send(
    operation: TokenStoreOperation,
    args: readonly [string, ...string[]],
  ): Promise<unknown> {
    try {
      return await command(args);
    } catch (error) {
      // Clients hang the command on their errors, and Redis quotes it in its messages.
      throw new TokenStoreError(operation, 'a reply from Redis', nameStoreFailure(error));
    }
  }

  async function get(redisKey: string): Promise<string | undefined> {
    let reply: unknown;
    try {
      reply = await send('read', ['GET', redisKey]);
    } catch (error) {
      if (error instanceof TokenStoreError && /\bWRONGTYPE$/.test(error.received)) return FOREIGN;
      throw error;
    }
    if (reply === null || reply === undefined) return undefined;
    if (typeof reply === 'string') return reply;
    if (reply instanceof Uint8Array) return new TextDecoder().decode(reply);
    throw new TokenStoreError('read', 'a string or null from GET', kindOf(reply));
  }

  return {
    async read(key) {
      const redisKey = keyPrefix + key;
      const value = await get(redisKey);
      if (value === undefined) return undefined;
      const [, version = FOREIGN, sealed] = ENTRY.exec(value) ?? [];
      if (sealed === undefined || sealed.length > MOST_CHARACTERS) return { version, record: {} };
      const text = await seal.open(sealed, version, redisKey);
      return { version, record: (text === undefined ? undefined : parseRecord(text)) ?? {} };
    },
    async compareAndSet(key, expectedVersion, record, { expiresAt }) {
      const redisKey = keyPrefix + key;
      const copy = record === undefined ? undefined : copyTokenRecord(record);
      if (record !== undefined && copy === undefined) throw new TypeError('This is not a token record.');
      const lastsMilliseconds = Math.ceil(expiresAt - now());
      const version = createVersion();
      const value =
        copy === undefined || lastsMilliseconds <= 0
          ? ''
          : `v1.${version}.${await seal.seal(JSON.stringify(copy), version, redisKey)}`;
      const script: [string, ...string[]] = [
        'EVAL',
        COMPARE_AND_SET,
        '1',
        redisKey,
        expectedVersion ?? '',
        value,
        String(Math.max(1, lastsMilliseconds)),
      ];
      const reply = await send('compare_and_set', script);
      // Some clients are set to return integers as strings or as bigint.
      const answer = String(reply);
      if (answer !== '0' && answer !== '1') {
        throw new TokenStoreError('compare_and_set', '0 or 1 from EVAL', kindOf(reply));
      }
      return answer === '1';
    },
  };
}

function parseRecord(text: string): TokenRecord | undefined {
  try {
    return copyTokenRecord(JSON.parse(text));
  } catch {
    return undefined;
  }
}
