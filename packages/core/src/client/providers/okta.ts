import { assertKnownOptions } from '../../known-options.ts';
import { printable } from '../../printable-text.ts';
import { createProviderProfile, type KnownProvider } from './known-provider.ts';
import { parseProviderHost } from './provider-host.ts';
import type { ProviderProfile, ScopesFor } from './provider-profile.ts';
import { readRequiredScopes } from './required-scopes.ts';

/** Options of {@link okta}. */
export interface OktaOptions {
  /**
   * Scopes of the custom authorization server: at least one, none of OpenID Connect's. For several servers a function
   * that tells those for each by its URL; the audience is the authorization server's, and so the same for all.
   */
  readonly scopes: readonly string[] | ScopesFor;
  /** Host name of the org or its custom domain, such as `example.okta.com`: then `issuer` may be left out. */
  readonly domain?: string | undefined;
  /** Id of the custom authorization server. Default: `default`, the one that Okta makes itself. Needs `domain`. */
  readonly authorizationServerId?: string | undefined;
}

/** Scopes that Okta gives only where a person is signed in. */
const SCOPES_OF_PERSONS: ReadonlySet<string> = new Set([
  'openid',
  'profile',
  'email',
  'address',
  'phone',
  'offline_access',
  'device_sso',
]);

const HOSTS = ['.okta.com', '.oktapreview.com', '.okta-emea.com', '.okta-gov.com', '.okta.mil'];

/** What is known of Okta. */
export const OKTA: KnownProvider = {
  provider: 'Okta',
  usage: 'okta({ scopes })',
  recognizes: ({ hostname, pathname }) =>
    HOSTS.some((host) => hostname.endsWith(host)) ||
    /^\/oauth2\/(default|aus[0-9a-z]{14,20})$/i.test(pathname),
  advice: [
    {
      pattern: /\bkid\b|key id/i,
      advice:
        'Set keyId to the id under which the public key is registered with this application in Okta: it has another key, or several and the assertion names none of them.',
    },
    {
      pattern: /audience claim/i,
      advice:
        'Let the assertion be for the token endpoint of the issuer that is configured, the URL that is called, character by character.',
      withoutProfile:
        'Okta wants an assertion for its token endpoint, not for the issuer: use provider: okta({ scopes }).',
    },
    {
      pattern: /assertion.{0,40}signature|signature.{0,40}assertion/i,
      advice:
        'Register the public half of this key with the application in Okta and see that it is active there; the signature was made by another key.',
    },
    {
      pattern: /assertion.{0,60}(expire|issued|future|too far)/i,
      advice:
        'Synchronise the clock here with a time server: Okta found the assertion to be of another time.',
    },
    {
      pattern: /must use the private_key_jwt/i,
      advice:
        'This is the org authorization server, which is for the APIs of Okta itself: make the issuer a custom authorization server, https://<domain>/oauth2/<id>.',
    },
    {
      pattern: /default scopes|'scope' must be provided/i,
      advice: 'Name at least one scope of this custom authorization server in scopes.',
      withoutProfile:
        'Okta gives no token without a scope of the custom authorization server: use provider: okta({ scopes }).',
    },
    {
      errors: ['invalid_scope'],
      advice:
        'Add these scopes to the custom authorization server in Okta, or set scopes to ones that it has; scopes of OpenID Connect are for persons.',
      withoutProfile:
        'Use provider: okta({ scopes }) with scopes that the custom authorization server in Okta has; scopes of OpenID Connect are for persons.',
    },
    {
      errors: ['use_dpop_nonce'],
      advice:
        'This application must prove possession of a key, with a nonce of Okta: request tokens with DPoP, or have the application in Okta no longer require it.',
    },
    {
      errors: ['invalid_dpop_proof'],
      advice:
        'This application must prove possession of a key: request tokens with DPoP (and see that the clock here is right), or have the application in Okta no longer require it.',
    },
    {
      errors: ['access_denied'],
      advice:
        "Have an access policy of the authorization server in Okta admit this application, with a rule for the client credentials grant and these scopes; Okta's system log says what was missing.",
    },
    {
      errors: ['unauthorized_client', 'unsupported_grant_type'],
      advice: 'Make it an API services application in Okta, or allow it the client credentials grant.',
    },
    {
      errors: ['invalid_target'],
      advice: 'Leave out the resource parameter: an authorization server of Okta has one audience.',
      withoutProfile:
        'An authorization server of Okta has one audience and knows no resource: use provider: okta({ scopes }).',
    },
    {
      errors: ['invalid_client'],
      advice:
        "Check the client id, and the secret or key against the application's client credentials in Okta: the application is of this org, is active, and has this authentication method.",
    },
  ],
  tokenRefusedHint:
    'Every token of an authorization server of Okta has the one audience that is configured there: see that it is what the MCP server expects.',
};

/**
 * What Okta wants of a client of a custom authorization server: at least one scope of that server, no
 * `resource`, and a client assertion for the token endpoint with the key's id.
 *
 * Not for the org authorization server, whose tokens are for the APIs of Okta itself. Does not check that the
 * scopes exist.
 *
 * @throws TypeError naming the option and the mend
 * @see {@link https://developer.okta.com/docs/guides/implement-grant-type/clientcreds/main/ | Okta, client credentials flow},
 *   {@link https://developer.okta.com/docs/guides/build-self-signed-jwt/main/ | Okta, JWT for client authentication}
 */
export function okta(options: OktaOptions): ProviderProfile {
  assertKnownOptions(options, ['scopes', 'domain', 'authorizationServerId'], 'okta');
  const { domain, authorizationServerId } = options;
  const scopes = readRequiredScopes(
    options.scopes,
    'okta',
    'Okta gives no token without one: add a scope to the custom authorization server and name it here.',
    assertOfMachines,
  );
  return createProviderProfile(OKTA, {
    issuer: issuerOf(domain, authorizationServerId),
    tokenParameters: Object.freeze({}),
    omitResource: true,
    scopes,
    ...(typeof scopes === 'function' ? {} : { singleServerOption: 'scopes' }),
    assertionAudience: 'token-endpoint',
  });
}

function assertOfMachines(scopes: readonly string[]): void {
  const personal = scopes.find((scope) => SCOPES_OF_PERSONS.has(scope));
  if (personal === undefined) return;
  throw new TypeError(
    `okta: scopes contains "${personal}", which Okta gives to persons only; name scopes that were added to the custom authorization server.`,
  );
}

function issuerOf(domain: unknown, id: unknown): string | undefined {
  if (id !== undefined && (typeof id !== 'string' || !/^[0-9a-z]+$/i.test(id))) {
    throw new TypeError(
      `okta: authorizationServerId must be the id of a custom authorization server, such as "default" or "aus1a2b3c4d5e6f7g8h9", received ${printable(id)}.`,
    );
  }
  if (domain === undefined) {
    if (id === undefined) return undefined;
    throw new TypeError(
      'okta: authorizationServerId needs domain, such as "example.okta.com"; or leave both out and set issuer.',
    );
  }
  return `https://${parseProviderHost(domain, 'okta: domain', 'example.okta.com')}/oauth2/${id ?? 'default'}`;
}
