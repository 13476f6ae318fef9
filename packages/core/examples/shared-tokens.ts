import { clientSecretBasic, createRedisTokenStore, createTokenSource } from '@mcp-m2m/core/client';
import { secretFromFile } from '@mcp-m2m/core/node';
import { Redis } from 'ioredis';

const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379', {
  lazyConnect: true,
  enableOfflineQueue: false, // fails at once while Redis is away
});
redis.on('error', () => undefined); // the event store_failed tells it
await redis.connect().catch(() => undefined); // it goes on trying

export const tokens = createTokenSource({
  resource: 'https://mcp.example.com/mcp',
  issuer: 'https://auth.example.com',
  clientId: 'nightly-report',
  authentication: clientSecretBasic({ clientSecret: secretFromFile('/run/secrets/client-secret') }),
  store: createRedisTokenStore({
    command: (args) => redis.call(...args),
    encryptionKey: process.env.TOKEN_STORE_KEY ?? '', // openssl rand -base64 32
  }),
});
