import { assertKnownOptions } from '../../known-options.ts';
import { printable } from '../../printable-text.ts';
import { parseGuid } from './guid.ts';
import { createProviderProfile, type KnownProvider } from './known-provider.ts';
import type { ProviderProfile, ScopesFor } from './provider-profile.ts';
import { readRequiredScopes } from './required-scopes.ts';

/** Where an environment of PingOne lives, by the end of its host name. */
export type PingOneRegion = 'com' | 'ca' | 'eu' | 'asia' | 'com.au' | 'sg';

/** Options of {@link pingOne}. */
export interface PingOneOptions {
  /**
   * Scopes of one custom resource: they say for which resource the token is. For several servers a function that tells
   * those for each by its URL.
   */
  readonly scopes: readonly string[] | ScopesFor;
  /** Id of the environment: then `issuer` may be left out. Needs `region`. */
  readonly environmentId?: string | undefined;
  /** The end of `auth.pingone.…`, such as `eu`. Needs `environmentId`. */
  readonly region?: PingOneRegion | undefined;
}

const REGIONS: readonly string[] = ['com', 'ca', 'eu', 'asia', 'com.au', 'sg'] satisfies PingOneRegion[];

/** What is known of PingOne. */
export const PING_ONE: KnownProvider = {
  provider: 'PingOne',
  usage: 'pingOne({ scopes })',
  recognizes: ({ hostname }) => REGIONS.some((region) => hostname === `auth.pingone.${region}`),
  advice: [
    {
      pattern: /unsupported authentication method/i,
      advice:
        "Set the token endpoint's authentication method of this application in PingOne to the one used here; a wrong client id is answered like this too.",
    },
    {
      pattern: /multiple resources|more than one resource|single resource/i,
      advice: 'Name scopes of one resource alone: a token of PingOne is for one.',
    },
    {
      errors: ['invalid_scope'],
      advice:
        'Set scopes to ones of a custom resource in PingOne that this application was given (its resources tab), of one resource alone.',
      withoutProfile:
        'In PingOne scopes choose the resource: use provider: pingOne({ scopes }) with scopes of one custom resource that this application was given.',
    },
    {
      errors: ['unauthorized_client', 'unsupported_grant_type'],
      advice: 'Allow this application the client credentials grant in PingOne.',
    },
    {
      errors: ['invalid_client'],
      method: 'private_key_jwt',
      advice:
        'Register the public key (JWKS or its URL) with this application in PingOne, set its authentication method to private_key_jwt, and see that keyId is one of those keys.',
    },
    {
      errors: ['invalid_client'],
      advice:
        'Check the client id and secret in this environment of PingOne, and that the application is enabled.',
    },
  ],
  tokenRefusedHint:
    'The audience of a token of PingOne is that of the custom resource its scopes belong to: make it the URL of the MCP server.',
};

/**
 * What PingOne wants: scopes of one custom resource, which choose what the token is for. `resource` is sent as
 * everywhere, and chooses nothing.
 *
 * Does not check that the scopes exist.
 *
 * @throws TypeError naming the option and the mend
 * @see {@link https://developer.pingidentity.com/pingone-api/auth/auth-config-options/create-a-private-key-jwt.html | PingOne, private key JWT},
 *   {@link https://docs.pingidentity.com/r/en-us/pingone/p1_c_resource_scopes | PingOne, resource scopes}
 */
export function pingOne(options: PingOneOptions): ProviderProfile {
  assertKnownOptions(options, ['scopes', 'environmentId', 'region'], 'pingOne');
  const scopes = readRequiredScopes(
    options.scopes,
    'pingOne',
    'in PingOne scopes choose the resource: name those of the custom resource for the MCP server.',
  );
  return createProviderProfile(PING_ONE, {
    issuer: issuerOf(options.environmentId, options.region),
    tokenParameters: Object.freeze({}),
    omitResource: false,
    scopes,
    ...(typeof scopes === 'function' ? {} : { singleServerOption: 'scopes' }),
    assertionAudience: 'issuer',
  });
}

function issuerOf(environmentId: unknown, region: unknown): string | undefined {
  if (environmentId === undefined && region === undefined) return undefined;
  if (environmentId === undefined || region === undefined) {
    throw new TypeError('pingOne: environmentId and region go together; or leave both out and set issuer.');
  }
  if (typeof region !== 'string' || !REGIONS.includes(region)) {
    throw new TypeError(
      `pingOne: region must be one of ${REGIONS.join(', ')}, the end of auth.pingone.…, received ${printable(region)}.`,
    );
  }
  return `https://auth.pingone.${region}/${parseGuid(environmentId, 'pingOne: environmentId', 'the id of the environment')}/as`;
}
