import { assertKnownOptions } from '../../known-options.ts';
import { printable } from '../../printable-text.ts';
import { isScopeToken } from '../../scope.ts';
import { ENTRA_ID_ADVICE } from './entra-id-advice.ts';
import { parseGuid } from './guid.ts';
import { createProviderProfile, type KnownProvider } from './known-provider.ts';
import type { ProviderProfile } from './provider-profile.ts';

/** A cloud of Microsoft's, each with its own Entra ID. */
export type EntraIdCloud = 'public' | 'us-government' | 'china';

/** Options of {@link entraId}. */
export interface EntraIdOptions {
  /** Directory (tenant) ID, a GUID. */
  readonly tenantId: string;
  /**
   * Application ID URI of the MCP server's app registration, such as `api://11111111-2222-3333-4444-555555555555`.
   * For several servers a function that tells that of each by its URL.
   */
  readonly applicationIdUri: string | ((resource: string) => string);
  /** Default `public`. */
  readonly cloud?: EntraIdCloud | undefined;
}

const HOSTS: Readonly<Record<EntraIdCloud, string>> = {
  public: 'login.microsoftonline.com',
  'us-government': 'login.microsoftonline.us',
  china: 'login.partner.microsoftonline.cn',
};

const RECOGNIZED_HOSTS: ReadonlySet<string> = new Set([...Object.values(HOSTS), 'sts.windows.net']);

/** What is known of Microsoft Entra ID. */
export const ENTRA_ID: KnownProvider = {
  provider: 'Microsoft Entra ID',
  usage: 'entraId({ tenantId, applicationIdUri })',
  recognizes: ({ hostname }) => RECOGNIZED_HOSTS.has(hostname) || hostname.endsWith('.ciamlogin.com'),
  advice: ENTRA_ID_ADVICE,
  tokenRefusedHint:
    "See that the MCP server's app registration issues tokens of version 2 (requestedAccessTokenVersion), whose audience is its client id, and that this client was given an app role there: application permissions are the scopes of a machine.",
};

/**
 * What Entra ID wants: the scope `<application id URI>/.default` for the API, no `resource` beside it, and a
 * client assertion for the token endpoint. It knows keys by their certificate: give `privateKeyJwt` the
 * `certificateThumbprint`.
 *
 * The token is bound to the MCP server by its scope. What the client may do there are the app roles that an
 * administrator gave it, not scopes. Does not check that the tenant or the application exists.
 *
 * @throws TypeError naming the option and the mend
 * @see {@link https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow | Entra ID, client credentials flow},
 *   {@link https://learn.microsoft.com/entra/identity-platform/certificate-credentials | Entra ID, certificate credentials}
 */
export function entraId(options: EntraIdOptions): ProviderProfile {
  assertKnownOptions(options, ['tenantId', 'applicationIdUri', 'cloud'], 'entraId');
  const { tenantId, applicationIdUri, cloud = 'public' } = options;
  // A domain name or "common" would do for requests, but the issuer has the GUID.
  const tenant = parseGuid(tenantId, 'entraId: tenantId', 'the Directory (tenant) ID');
  const several = typeof applicationIdUri === 'function';
  if (!Object.hasOwn(HOSTS, cloud)) {
    throw new TypeError(
      `entraId: cloud must be one of ${Object.keys(HOSTS).join(', ')}, received ${printable(cloud)}.`,
    );
  }
  return createProviderProfile(ENTRA_ID, {
    issuer: `https://${HOSTS[cloud]}/${tenant}/v2.0`,
    tokenParameters: Object.freeze({}),
    omitResource: true,
    scopes: several
      ? (resource) => scopesOf(applicationIdUri(resource), resource)
      : scopesOf(applicationIdUri),
    ...(several ? {} : { singleServerOption: 'applicationIdUri' }),
    assertionAudience: 'token-endpoint',
    assertionType: 'JWT',
  });
}

function scopesOf(applicationIdUri: unknown, resource?: string): readonly string[] {
  if (!isScopeToken(applicationIdUri)) {
    const which = resource === undefined ? '' : ` for ${resource}`;
    throw new TypeError(
      `entraId: applicationIdUri${which} must be the Application ID URI of the MCP server's app registration (Expose an API), such as "api://11111111-2222-3333-4444-555555555555", received ${printable(applicationIdUri)}.`,
    );
  }
  if (applicationIdUri.endsWith('/.default')) {
    throw new TypeError(
      'entraId: applicationIdUri is the Application ID URI alone; leave "/.default" away, it is added.',
    );
  }
  return Object.freeze([`${applicationIdUri}/.default`]);
}
