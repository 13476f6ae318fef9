import { assertKnownOptions } from '../../known-options.ts';
import { printable } from '../../printable-text.ts';
import { assertScopes } from '../../scope.ts';
import { parseSecureUrl } from '../../secure-url.ts';
import { createProviderProfile, type KnownProvider } from './known-provider.ts';
import type { ProviderProfile, ScopesFor } from './provider-profile.ts';

/** Options of {@link keycloak}. */
export interface KeycloakOptions {
  /** URL of the server without `/realms/…`, such as `https://sso.example.com`: then `issuer` may be left out. Needs `realm`. */
  readonly serverUrl?: string | URL | undefined;
  /** Name of the realm. Needs `serverUrl`. */
  readonly realm?: string | undefined;
  /**
   * Exactly the scopes to request, whatever the MCP server names; or a function that tells those for each server by
   * its URL. Default: as without a profile.
   */
  readonly scopes?: readonly string[] | ScopesFor | undefined;
}

/** What is known of Keycloak. */
export const KEYCLOAK: KnownProvider = {
  provider: 'Keycloak',
  usage: 'keycloak()',
  recognizes: ({ pathname }) => /\/realms\/[^/]+$/.test(pathname),
  advice: [
    {
      pattern: /client not enabled to retrieve service account/i,
      advice:
        "Switch on the service account of this client in Keycloak (the client's settings, capability config).",
    },
    {
      pattern: /public client not allowed/i,
      advice:
        'Switch on client authentication and the service account of this client in Keycloak: it is a public client.',
    },
    {
      pattern: /not active|issued in the future|expired|too far in the future/i,
      advice:
        'Synchronise the clocks here and of Keycloak with a time server: the assertion was not of its time there.',
    },
    {
      pattern: /audience|multiple audiences/i,
      advice:
        "Make the issuer the realm's own as Keycloak sees it (its hostname settings, no trailing slash): the assertion must be for that alone.",
    },
    {
      pattern: /signature on jwt|load (public )?key|public key|\bkid\b/i,
      advice:
        "Register the public key of this client in Keycloak (the client's keys tab, or a JWKS URL that Keycloak can reach), under the id that keyId says, for this algorithm.",
    },
    {
      pattern: /token reuse/i,
      advice:
        'See whether something between here and Keycloak repeats requests: an assertion is good for one.',
    },
    {
      pattern: /signed jwt failed/i,
      advice:
        "Compare the client's authenticator in Keycloak (signed JWT, its algorithm and key) with what is used here.",
    },
    {
      errors: ['unauthorized_client', 'invalid_client'],
      pattern: /invalid client|client credentials/i,
      advice:
        "Check the client id and the secret or key against the client's credentials in Keycloak, and that its authenticator there is the one used here: the realm is in the issuer, an id of another realm is unknown.",
    },
    {
      errors: ['invalid_scope'],
      advice:
        'Add these as client scopes to the client in Keycloak, or set scopes to ones that it has, default or optional.',
    },
    {
      pattern: /realm (does not exist|not found|not enabled)/i,
      advice: 'Check the realm in the issuer: it is case-sensitive.',
    },
    { pattern: /https required/i, advice: 'Use the https address of Keycloak: the realm requires it.' },
  ],
  tokenRefusedHint:
    'Keycloak by default ignores resource and names no audience for a machine: add an audience mapper with the URL of the MCP server to a client scope of this client.',
};

/**
 * What Keycloak wants: an assertion for the realm's issuer alone. `resource` is sent; Keycloak ignores it by
 * default, so that the audience of its tokens is what an audience mapper there says.
 *
 * @throws TypeError naming the option and the mend
 * @see {@link https://www.keycloak.org/docs/latest/server_admin/#_service_accounts | Keycloak, service accounts},
 *   {@link https://www.keycloak.org/docs/latest/server_admin/#audience-support | Keycloak, audience support}
 */
export function keycloak(options: KeycloakOptions = {}): ProviderProfile {
  assertKnownOptions(options, ['serverUrl', 'realm', 'scopes'], 'keycloak');
  const { scopes } = options;
  return createProviderProfile(KEYCLOAK, {
    issuer: issuerOf(options.serverUrl, options.realm),
    tokenParameters: Object.freeze({}),
    omitResource: false,
    scopes:
      typeof scopes === 'function'
        ? (resource) => readScopes(scopes(resource))
        : scopes === undefined
          ? undefined
          : readScopes(scopes),
    assertionAudience: 'issuer',
  });
}

function readScopes(scopes: unknown): readonly string[] {
  assertScopes(scopes, 'keycloak: scopes');
  return Object.freeze([...new Set(scopes)]);
}

function issuerOf(serverUrl: string | URL | undefined, realm: unknown): string | undefined {
  if (serverUrl === undefined && realm === undefined) return undefined;
  if (serverUrl === undefined || realm === undefined) {
    throw new TypeError('keycloak: serverUrl and realm go together; or leave both out and set issuer.');
  }
  // How Keycloak writes any other character into the issuer is not certain, and issuers are compared exactly.
  if (typeof realm !== 'string' || !/^(?!\.{1,2}$)[\w.~ -]+$/.test(realm)) {
    throw new TypeError(
      `keycloak: realm must be the name of a realm, of letters, digits, spaces and "._~-", received ${printable(realm)}; for another leave it out and set issuer.`,
    );
  }
  const { origin, pathname, search } = parseSecureUrl(serverUrl, 'keycloak: serverUrl');
  const path = pathname.replace(/\/+$/, '');
  if (search !== '' || path.split('/').includes('realms')) {
    throw new TypeError(
      'keycloak: serverUrl must be the URL of the server alone, without "/realms/…" and query, such as "https://sso.example.com".',
    );
  }
  return `${origin}${path}/realms/${encodeURIComponent(realm)}`;
}
