import { createRedisTokenStore } from '@mcp-m2m/core/client';
import { createClient } from 'redis';

const client = createClient({ url: process.env.REDIS_URL ?? '', disableOfflineQueue: true });
client.on('error', () => undefined);
await client.connect();

export const store = createRedisTokenStore({
  command: (args) => client.sendCommand(args),
  encryptionKey: process.env.TOKEN_STORE_KEY ?? '',
});
