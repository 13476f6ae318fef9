import type { IdentityProvider, MintAsOptions, TokenClaims } from '@mcp-m2m/testing';

import type { ConnectionSettings, StagedConnection } from './connection.ts';
import { startScene, type Scene } from './scene.ts';

/** An identity provider that is known by the name of its host. */
export interface StagedProvider {
  /** As the provider writes it, such as `https://example.eu.auth0.com/`. */
  readonly issuer: string;
  /** What the token endpoint answers. */
  readonly answer: (scene: Scene & { readonly mint: MintAs }) => {
    readonly status?: number;
    readonly json: Readonly<Record<string, unknown>>;
  };
  readonly client?: (scene: Scene) => Partial<ConnectionSettings>;
}

/** Mints a token in the shape of a provider, with the issuer of the stage. */
export type MintAs = (provider: IdentityProvider, claims?: TokenClaims, options?: MintAsOptions) => string;

/**
 * Plays an identity provider of the public network: requests to its host go to an authority on loopback, which calls
 * itself by the provider's issuer, from the client as well as from the MCP server.
 */
export async function startStaged({ issuer, answer, client }: StagedProvider): Promise<StagedConnection> {
  let local = '';
  const fetchStaged = (url: string, init: RequestInit): Promise<Response> => {
    const { origin, pathname, search } = new URL(url);
    return fetch(origin === new URL(issuer).origin ? `${local}${pathname}${search}` : url, init);
  };
  const { pathname } = new URL(issuer);
  const started = await startScene({
    authority: { path: pathname },
    protection: () => ({ authorizationServers: [issuer], fetch: fetchStaged }),
    prepare: (scene) => {
      const { authority, url } = scene;
      local = new URL(authority.issuer).origin;
      const staged = (endpoint: string): string =>
        `${new URL(issuer).origin}${new URL(endpoint, authority.issuer).pathname}`;
      authority.setMetadata({
        issuer,
        token_endpoint: staged(`${authority.issuer.replace(/\/$/, '')}/token`),
        jwks_uri: staged(`${authority.issuer.replace(/\/$/, '')}/jwks`),
      });
      const mint: MintAs = (provider, claims = {}, options = {}) =>
        authority.mintAs(
          provider,
          { iss: issuer, ...claims },
          { audience: url, clientId: 'nightly-report', scopes: ['deploy:read'], ...options },
        );
      authority.endpoints.token.answerWith(answer({ ...scene, mint }));
    },
    client: (scene) => ({ issuer, ...client?.(scene) }),
  });
  return { ...started, fetch: fetchStaged };
}

/** The answer of a token endpoint with a token in it. */
export function granting(token: string): { readonly json: Readonly<Record<string, unknown>> } {
  return { json: { access_token: token, token_type: 'Bearer', expires_in: 300 } };
}
