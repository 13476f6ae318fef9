// One authorization server in a process of its own: ours, or oidc-provider as it comes, with its memory adapter.
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAuthorizationServer } from '@mcp-m2m/authorization-server';
import { generateKeyPairSync } from 'node:crypto';
import { Provider, type ClientMetadata, type JWK } from 'oidc-provider';
import type { TokenServerOptions } from '../issuance/token-server.ts';
import { measureUsage } from '../server-process.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as TokenServerOptions;

async function ours(): Promise<RequestListener> {
  const { issuer, resources, database, secretKey } = options;
  return (await createAuthorizationServer({ issuer, resources, database, secretKey })).handler;
}

/** The same tokens: ES256 JWTs for the one resource, which a request need not name. */
function bare(): RequestListener {
  const [{ resource, scopes } = { resource: '', scopes: [] }] = options.resources;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { ...(privateKey.export({ format: 'jwk' }) as JWK), kid: 'signing', alg: 'ES256', use: 'sig' };
  const provider = new Provider(options.issuer, {
    clients: options.clients.map(({ clientId, secret, publicJwk }): ClientMetadata => ({
      client_id: clientId,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: 'ES256',
      ...(publicJwk === undefined
        ? { client_secret: secret }
        : { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicJwk] } }),
    })),
    jwks: { keys: [key] },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    ttl: { ClientCredentials: 300 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        getResourceServerInfo: () => ({
          scope: scopes.join(' '),
          audience: resource,
          accessTokenTTL: 300,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  });
  const handle = provider.callback();
  return (request, response) => void handle(request, response);
}

if (options.engine === 'oidc-provider') {
  // It warns of its memory adapter, which is what it is measured with.
  console.warn = console.info = () => undefined;
}
const server = createServer(options.engine === 'mcp-m2m' ? await ours() : bare());
// A connection that is closed for being idle between two loads would count as a failure.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('message', (question) => process.send?.(measureUsage(question)));
process.once('disconnect', () => process.exit(0));
