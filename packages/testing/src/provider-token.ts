import {
  DEFAULT_LIFETIME_SECONDS,
  signToken,
  type MintOptions,
  type TokenClaims,
  type TokenDefaults,
} from './access-token.ts';
import type { KeyRing } from './key-ring.ts';
import { auth0Rfc9068 } from './provider-shapes/auth0-rfc9068.ts';
import { auth0 } from './provider-shapes/auth0.ts';
import { cognito } from './provider-shapes/cognito.ts';
import { entraV1 } from './provider-shapes/entra-v1.ts';
import { entraV2 } from './provider-shapes/entra-v2.ts';
import { googleIdToken } from './provider-shapes/google-id-token.ts';
import { keycloak } from './provider-shapes/keycloak.ts';
import { okta } from './provider-shapes/okta.ts';
import { pingone } from './provider-shapes/pingone.ts';
import type { ProviderShape } from './provider-shapes/provider-shape.ts';

const SHAPES = {
  auth0,
  'auth0-rfc9068': auth0Rfc9068,
  'entra-v2': entraV2,
  'entra-v1': entraV1,
  okta,
  keycloak,
  cognito,
  pingone,
  'google-id-token': googleIdToken,
} as const satisfies Record<string, ProviderShape>;

/** The identity providers whose tokens can be minted. */
export type IdentityProvider = keyof typeof SHAPES;

export const IDENTITY_PROVIDERS: readonly IdentityProvider[] = Object.freeze(
  Object.keys(SHAPES) as IdentityProvider[],
);

/** What a provider's token says, in words that are the same for every provider. */
export interface MintAsOptions extends MintOptions {
  /** Default `machine`: a token from the client-credentials grant. */
  readonly subjectKind?: 'machine' | 'user';
  /** Default `access`. An ID token is what a resource server must refuse. */
  readonly tokenKind?: 'access' | 'id-token';
  /** Default the authority's. */
  readonly audience?: string;
  /** Default the authority's. */
  readonly clientId?: string;
  /** What the caller may do, put wherever the provider puts it. Default the authority's. */
  readonly scopes?: readonly string[];
}

/**
 * Mints a token in the shape of an identity provider, signed by this authority and naming it as the issuer.
 *
 * @param claims - added to the provider's; `undefined` removes one
 * @throws TypeError for an unknown provider, or when no audience is named
 */
export function mintProviderToken(
  provider: IdentityProvider,
  claims: TokenClaims,
  options: MintAsOptions,
  defaults: TokenDefaults,
  keys: KeyRing,
  nowSeconds: number,
): string {
  const {
    audience = defaults.audience,
    clientId = defaults.clientId,
    scopes = defaults.scope.split(' '),
  } = options;
  const {
    subjectKind = 'machine',
    tokenKind = 'access',
    expiresInSeconds = DEFAULT_LIFETIME_SECONDS,
  } = options;
  if (!Object.hasOwn(SHAPES, provider)) {
    throw new TypeError(`mintAs knows ${IDENTITY_PROVIDERS.join(', ')}, received ${provider}.`);
  }
  if (audience === undefined) {
    throw new TypeError('mintAs needs an audience: pass it here, or to createTestAuthority.');
  }
  const shaped = SHAPES[provider]({
    issuer: defaults.issuer,
    audience,
    clientId,
    scopes,
    subjectKind,
    tokenKind,
    issuedAtSeconds: nowSeconds,
    expiresAtSeconds: nowSeconds + expiresInSeconds,
  });
  return signToken({ ...shaped.claims, ...claims }, keys, { typ: shaped.typ, ...options });
}
