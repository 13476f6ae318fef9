import { DatabaseSync } from 'node:sqlite';
import { oauthProvider } from '@better-auth/oauth-provider';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { jwt } from 'better-auth/plugins';
import { onTestFinished } from 'vitest';
import { startHost, type Host } from './host.ts';

/** A better-auth application with its plugin `@better-auth/oauth-provider`, over SQLite in memory. */
export interface BetterAuth {
  readonly issuer: string;
  readonly host: Host;
  readonly tokenRequests: () => number;
  /** Registers a machine through the plugin's own API, in the name of a signed-in administrator. */
  registerMachine(metadata?: MachineMetadata): Promise<{ clientId: string; clientSecret: string }>;
  /** Allows a client the resource. Without it the plugin issues the client nothing for it. */
  link(clientId: string, resource: string): Promise<void>;
  /** Replaces the secret. The old one is worth nothing from then on. */
  rotateSecret(clientId: string): Promise<string>;
  deleteClient(clientId: string): Promise<void>;
}

/** What machines differ in. */
export interface MachineMetadata {
  readonly token_endpoint_auth_method?: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt';
  /** The scopes it may have by itself. Default `deploy:read`. */
  readonly client_credentials_scopes?: string[];
  readonly jwks?: { keys: Record<string, unknown>[] };
  readonly dpop_bound_access_tokens?: boolean;
}

export interface BetterAuthOptions {
  /** The resources it issues tokens for. */
  readonly resources: readonly string[];
  /** Answers below its own path alone, as where a framework routes `/api/auth/*` to it. Default false. */
  readonly belowItsPathOnly?: boolean;
  /** Whether it is an OpenID provider too, as by default. */
  readonly openid?: boolean;
}

const BASE_PATH = '/api/auth';

export async function startBetterAuth({
  resources,
  belowItsPathOnly = false,
  openid = true,
}: BetterAuthOptions): Promise<BetterAuth> {
  const host = await startHost();
  const database = new DatabaseSync(':memory:');
  onTestFinished(() => database.close());
  const scopes = ['deploy:read', 'deploy:write'];
  const supported = openid ? ['openid', ...scopes] : scopes;
  const options = {
    baseURL: host.origin,
    secret: `${crypto.randomUUID()}${crypto.randomUUID()}`,
    database,
    emailAndPassword: { enabled: true },
    telemetry: { enabled: false },
    plugins: [
      jwt(),
      oauthProvider({
        loginPage: '/sign-in',
        consentPage: '/consent',
        scopes: supported,
        resources: resources.map((identifier) => ({ identifier, allowedScopes: scopes })),
        clientPrivileges: () => true,
        resourcePrivileges: () => true,
      }),
    ],
  };
  await (await getMigrations(options)).runMigrations();
  const auth = betterAuth(options);
  const handle = toNodeHandler(auth);
  host.serve((request, response) => {
    if (belowItsPathOnly && request.url?.startsWith(`${BASE_PATH}/`) !== true) response.writeHead(404).end();
    else void handle(request, response);
  });
  const { headers: answered } = await auth.api.signUpEmail({
    body: { name: 'Administrator', email: 'admin@example.com', password: crypto.randomUUID() },
    returnHeaders: true,
  });
  const cookies = answered.getSetCookie().map((cookie) => cookie.split(';', 1)[0]);
  const headers = new Headers({ cookie: cookies.join('; ') });
  return {
    issuer: `${host.origin}${BASE_PATH}`,
    host,
    tokenRequests: () =>
      host.requests.filter((request) => request === `POST ${BASE_PATH}/oauth2/token`).length,
    async registerMachine(metadata) {
      const body = {
        client_name: 'nightly-report',
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'client_secret_basic',
        client_credentials_scopes: ['deploy:read'],
        ...metadata,
      };
      const { client_id, client_secret = '' } = await auth.api.adminCreateOAuthClient({ headers, body });
      return { clientId: client_id, clientSecret: client_secret };
    },
    async link(clientId, resource) {
      await auth.api.adminLinkClientResource({
        headers,
        params: { identifier: resource, client_id: clientId },
      });
    },
    async rotateSecret(clientId) {
      const { client_secret = '' } = await auth.api.rotateClientSecret({
        headers,
        body: { client_id: clientId },
      });
      return client_secret;
    },
    async deleteClient(clientId) {
      await auth.api.deleteOAuthClient({ headers, body: { client_id: clientId } });
    },
  };
}
