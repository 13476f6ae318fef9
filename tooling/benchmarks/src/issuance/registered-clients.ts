import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createAuthorizationServer, type PublicJwk } from '@mcp-m2m/authorization-server';
import { ISSUER, RESOURCE, SCOPES, SECRET_KEY } from './token-server.ts';

/** How a client proves who it is. */
export type Method = 'secret' | 'private_key_jwt';

/** A client of the servers that are measured. */
export interface RegisteredClient {
  readonly clientId: string;
  readonly secret?: string | undefined;
  readonly publicJwk?: PublicJwk | undefined;
  readonly privateKey?: KeyObject | undefined;
}

/** Registers a client in a database that nothing serves yet, creating it where needed. */
export async function registerClient(
  database: string,
  method: Method,
  grantTypes: readonly ['client_credentials', ...'introspection'[]] = ['client_credentials'],
): Promise<RegisteredClient> {
  const server = await createAuthorizationServer({
    issuer: ISSUER,
    resources: [{ resource: RESOURCE, scopes: SCOPES }],
    database,
    secretKey: SECRET_KEY,
  });
  try {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const names = { kid: 'client', alg: 'ES256', use: 'sig' };
    const publicJwk = { ...publicKey.export({ format: 'jwk' }), ...names } as PublicJwk;
    const { clientId, secret } = await server.clients.create({
      clientId: `client-${method.replaceAll('_', '-')}`,
      authentication: method === 'secret' ? { method } : { method, publicKey: publicJwk },
      grantTypes,
      access: [{ resource: RESOURCE, scopes: [...SCOPES] }],
    });
    return method === 'secret'
      ? { clientId, secret }
      : {
          clientId,
          publicJwk,
          privateKey: createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })),
        };
  } finally {
    await server.close();
  }
}
