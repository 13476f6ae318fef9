import { Provider, type ClientMetadata, type Configuration, errors } from 'oidc-provider';
import { exportJWK, generateKeyPair } from 'jose';
import { startHost, type Host } from './host.ts';

/** oidc-provider, configured as its documentation shows, without anything of this project in it. */
export interface OidcProvider {
  readonly issuer: string;
  readonly host: Host;
  readonly tokenRequests: () => number;
  /** Restarts it with other clients, which is how its static clients change. */
  restart(clients: readonly ClientMetadata[]): void;
}

export interface OidcProviderOptions {
  /** The one resource it issues tokens for. */
  readonly resource: string;
  readonly clients: readonly ClientMetadata[];
  /** Where it is mounted. Default: at the root. */
  readonly path?: string;
  readonly features?: Configuration['features'];
  /** What its tokens are. Default `jwt`. */
  readonly accessTokenFormat?: 'jwt' | 'opaque';
}

/** Client metadata for a machine: no redirect, no response type. */
export function machine(metadata: ClientMetadata): ClientMetadata {
  return { grant_types: ['client_credentials'], redirect_uris: [], response_types: [], ...metadata };
}

export async function startOidcProvider(options: OidcProviderOptions): Promise<OidcProvider> {
  const { resource, path = '', features, accessTokenFormat = 'jwt' } = options;
  const host = await startHost();
  const issuer = `${host.origin}${path}`;
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: 'es256', alg: 'ES256', use: 'sig' };

  function restart(clients: readonly ClientMetadata[]): void {
    const provider = new Provider(issuer, {
      clients: [...clients],
      jwks: { keys: [key] },
      clientDefaults: { id_token_signed_response_alg: 'ES256' },
      clientAuthMethods: [
        'client_secret_basic',
        'client_secret_post',
        'client_secret_jwt',
        'private_key_jwt',
      ],
      scopes: ['deploy:read', 'deploy:write'],
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo(_context, indicator) {
            if (indicator !== resource) throw new errors.InvalidTarget();
            const scope = 'deploy:read deploy:write';
            return accessTokenFormat === 'jwt'
              ? { scope, accessTokenFormat, jwt: { sign: { alg: 'ES256' } } }
              : { scope, accessTokenFormat };
          },
        },
        ...features,
      },
    });
    const callback = provider.callback();
    host.serve((request, response) => {
      // What mounting in a framework does: the provider sees paths below its own.
      if (request.url?.startsWith(path) !== true) return void response.writeHead(404).end();
      Object.assign(request, { originalUrl: request.url });
      request.url = request.url.slice(path.length);
      void callback(request, response);
    });
  }
  restart(options.clients);
  return {
    issuer,
    host,
    tokenRequests: () => host.requests.filter((request) => request === `POST ${path}/token`).length,
    restart,
  };
}
