import { assertKnownOptions } from '../../known-options.ts';
import { printable } from '../../printable-text.ts';
import { createProviderProfile, type KnownProvider } from './known-provider.ts';
import type { ProviderProfile, ScopesFor } from './provider-profile.ts';
import { readRequiredScopes } from './required-scopes.ts';

/** Options of {@link cognito}. */
export interface CognitoOptions {
  /**
   * Scopes of a resource server of the user pool, each with its identifier: `mcp-server/deploy:read`. For several MCP
   * servers a function that tells those for each by its URL.
   */
  readonly scopes: readonly string[] | ScopesFor;
  /** Id of the user pool, such as `eu-west-1_AbCdEf123`: then `issuer` may be left out. */
  readonly userPoolId?: string | undefined;
}

const SECRETS_ONLY =
  'Cognito knows client secrets alone: authenticate with clientSecretBasic(…) or clientSecretPost(…).';

/** What is known of Amazon Cognito. */
export const COGNITO: KnownProvider = {
  provider: 'Amazon Cognito',
  usage: 'cognito({ scopes })',
  recognizes: ({ hostname }) => /^cognito-idp\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/.test(hostname),
  advice: [
    { method: 'private_key_jwt', advice: SECRETS_ONLY },
    { method: 'client_secret_jwt', advice: SECRETS_ONLY },
    {
      errors: ['invalid_scope'],
      advice:
        'Write every scope as <identifier of the resource server>/<scope>, and allow this app client those scopes in Cognito (its login pages settings, custom scopes).',
      withoutProfile:
        "Cognito's scopes have the form <identifier of the resource server>/<scope>, and the app client must be allowed them: use provider: cognito({ scopes }).",
    },
    {
      errors: ['invalid_grant'],
      advice:
        'See that this app client has custom scopes in Cognito and that scopes names some of them: a client without any gets no token.',
    },
    {
      errors: ['unauthorized_client'],
      advice:
        'Allow this app client the client credentials grant in Cognito; that takes an app client with a secret and a custom scope.',
    },
    {
      errors: ['invalid_client'],
      advice:
        "Check the app client's id and secret in this user pool: a client made without a secret never gets one, so make another.",
    },
  ],
  tokenRefusedHint:
    'An access token that Cognito issues to a machine has no audience: see that the MCP server is set up for Cognito and its scopes.',
};

/**
 * What Amazon Cognito wants: scopes of a resource server of the user pool, in the form `server/scope`, and a
 * client secret. `resource` is sent as everywhere, and not read for this grant.
 *
 * The token has no audience: what it is for is said by its scopes alone. Does not check that they exist.
 *
 * @throws TypeError naming the option and the mend
 * @see {@link https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html | Cognito, token endpoint},
 *   {@link https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html | Cognito, resource servers}
 */
export function cognito(options: CognitoOptions): ProviderProfile {
  assertKnownOptions(options, ['scopes', 'userPoolId'], 'cognito');
  const scopes = readRequiredScopes(
    options.scopes,
    'cognito',
    'define a resource server with a scope in the user pool and write "<identifier>/<scope>".',
    assertNotBare,
  );
  return createProviderProfile(COGNITO, {
    issuer: options.userPoolId === undefined ? undefined : issuerOf(options.userPoolId),
    tokenParameters: Object.freeze({}),
    omitResource: false,
    scopes,
    ...(typeof scopes === 'function' ? {} : { singleServerOption: 'scopes' }),
    assertionAudience: 'issuer',
    authenticationMethods: Object.freeze(['client_secret_basic', 'client_secret_post']),
  });
}

function assertNotBare(scopes: readonly string[]): void {
  const bare = scopes.find((scope) => !/[^/]\/[^/]+$/.test(scope));
  if (bare === undefined) return;
  throw new TypeError(
    `cognito: scopes contains "${bare}"; write the identifier of the resource server before it, such as "mcp-server/${bare.replaceAll('/', '')}".`,
  );
}

function issuerOf(userPoolId: unknown): string {
  const region =
    typeof userPoolId === 'string'
      ? /^([a-z]{2}(?:-[a-z]+)+-\d)_[0-9A-Za-z]+$/.exec(userPoolId)?.[1]
      : undefined;
  if (region === undefined) {
    throw new TypeError(
      `cognito: userPoolId must be the id of the user pool, region included, such as "eu-west-1_AbCdEf123", received ${printable(userPoolId)}.`,
    );
  }
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://cognito-idp.${region}.${domain}/${String(userPoolId)}`;
}
