import type { RedisCommand } from '../../../src/client/store/redis-token-store.ts';

/** A connection to Redis by one of the clients that people have. */
export interface RedisConnection {
  readonly command: RedisCommand;
  close(): void;
}

/** The clients by name, set up as the documentation of the store advises. Loaded when used: it takes a while. */
export const REDIS_CLIENTS: Readonly<Record<string, (socketPath: string) => Promise<RedisConnection>>> = {
  async ioredis(socketPath) {
    const { Redis } = await import('ioredis');
    const redis = new Redis(socketPath, {
      lazyConnect: true,
      enableOfflineQueue: false,
      retryStrategy: () => 100,
    });
    redis.on('error', () => undefined);
    await redis.connect();
    return { command: (args) => redis.call(...args), close: () => redis.disconnect() };
  },
  async 'node-redis'(socketPath) {
    const { createClient } = await import('redis');
    const client = createClient({
      socket: { path: socketPath, tls: false, reconnectStrategy: 100 },
      disableOfflineQueue: true,
    });
    client.on('error', () => undefined);
    await client.connect();
    return { command: (args) => client.sendCommand(args), close: () => client.destroy() };
  },
};
