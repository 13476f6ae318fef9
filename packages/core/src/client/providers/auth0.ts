import { assertKnownOptions } from '../../known-options.ts';
import { printable } from '../../printable-text.ts';
import { createProviderProfile, type KnownProvider } from './known-provider.ts';
import { parseProviderHost } from './provider-host.ts';
import type { ProviderProfile } from './provider-profile.ts';

/** Options of {@link auth0}. */
export interface Auth0Options {
  /**
   * The identifier of the API in Auth0, character by character; for an MCP server best its own URL. For several
   * servers a function that tells that of each by its URL, such as `(resource) => resource`.
   */
  readonly audience: string | ((resource: string) => string);
  /** Host name of the tenant or its custom domain, such as `example.eu.auth0.com`: then `issuer` may be left out. */
  readonly domain?: string | undefined;
}

const AUTHORIZE =
  'Authorise this application for the API in Auth0 (the API, its list of machine-to-machine applications), and give it the scopes there.';

/** What is known of Auth0. */
export const AUTH0: KnownProvider = {
  provider: 'Auth0',
  usage: 'auth0({ audience })',
  recognizes: ({ hostname }) => hostname.endsWith('.auth0.com'),
  advice: [
    {
      pattern: /no audience parameter|default audience/i,
      advice: 'Make audience the identifier of an API that is registered in Auth0.',
      withoutProfile:
        'Auth0 wants the API named as audience and by default ignores resource: use provider: auth0({ audience }) with the identifier of the API.',
    },
    {
      pattern: /service not (found|enabled within domain)|resource server .{0,80}not found/i,
      advice:
        'Make audience the identifier of the API exactly as Auth0 has it, a trailing slash included; if there is no such API, register one with that identifier.',
      withoutProfile:
        'No API of Auth0 has that identifier, of which a trailing slash is part: use provider: auth0({ audience }) with the identifier of the API, or register one.',
    },
    { pattern: /not authorized to access|client-grant/i, advice: AUTHORIZE },
    {
      errors: ['unauthorized_client'],
      advice:
        "Make it a machine-to-machine application in Auth0, or allow it the client credentials grant (the application's advanced settings, grant types).",
    },
    {
      errors: ['access_denied'],
      pattern: /^unauthorized\.?$/i,
      advice: "Check the client id and the secret against the application's credentials in Auth0.",
    },
    {
      errors: ['invalid_client', 'access_denied', 'invalid_request'],
      method: 'private_key_jwt',
      pattern: /assertion|jwt|key|audience/i,
      advice:
        "Register the public key among the application's credentials in Auth0 and set its authentication method to private_key_jwt; the assertion is for the issuer, trailing slash included.",
    },
    {
      errors: ['invalid_scope'],
      advice: 'Ask only for scopes (permissions) that the API defines and that this application was given.',
    },
    {
      errors: ['invalid_target'],
      advice: AUTHORIZE,
      withoutProfile:
        'Auth0 wants the API named as audience: use provider: auth0({ audience }) with the identifier of the API.',
    },
  ],
  tokenRefusedHint:
    'A token that Auth0 issues without audience is opaque and for no API: use provider: auth0({ audience }) with the identifier that the MCP server expects as audience.',
};

/**
 * What Auth0 wants: the API is named by `audience`. `resource` is read by tenants with the resource parameter
 * compatibility profile alone, and there only without `audience`: it is left out.
 *
 * Does not check that the API exists or that the application may use it.
 *
 * @throws TypeError naming the option and the mend
 * @see {@link https://auth0.com/docs/get-started/authentication-and-authorization-flow/client-credentials-flow | Auth0, client credentials flow}
 */
export function auth0(options: Auth0Options): ProviderProfile {
  assertKnownOptions(options, ['audience', 'domain'], 'auth0');
  const { audience, domain } = options;
  const several = typeof audience === 'function';
  return createProviderProfile(AUTH0, {
    issuer:
      domain === undefined
        ? undefined
        : `https://${parseProviderHost(domain, 'auth0: domain', 'example.eu.auth0.com')}/`,
    tokenParameters: several
      ? (resource) => readAudience(audience(resource), resource)
      : readAudience(audience),
    ...(several ? {} : { singleServerOption: 'audience' }),
    omitResource: true,
    assertionAudience: 'issuer',
  });
}

function readAudience(audience: unknown, resource?: string): Readonly<Record<string, string>> {
  if (typeof audience === 'string' && audience.trim() !== '') return Object.freeze({ audience });
  const which = resource === undefined ? '' : ` for ${resource}`;
  throw new TypeError(
    `auth0: audience${which} must be the identifier of the API in Auth0, such as "https://mcp.example.com/mcp", received ${printable(audience)}.`,
  );
}
