import { auth0Profile } from './auth0.ts';
import { cognitoProfile } from './cognito.ts';
import { guardCustomProfile } from './custom-profile.ts';
import { entraProfile } from './entra.ts';
import { keycloakProfile } from './keycloak.ts';
import { oktaProfile } from './okta.ts';
import { pingOneProfile } from './pingone.ts';
import { rfc9068Profile } from './rfc9068.ts';
import type { TokenProfile } from './token-profile.ts';

const PROFILES = {
  rfc9068: rfc9068Profile,
  auth0: auth0Profile,
  entra: entraProfile,
  okta: oktaProfile,
  keycloak: keycloakProfile,
  cognito: cognitoProfile,
  pingone: pingOneProfile,
} as const;

/** An identity provider whose tokens are known by name. */
export type TokenProfileName = keyof typeof PROFILES;

/**
 * Finds a profile by name, or takes one of the user's own.
 *
 * @throws TypeError naming the option and the known profiles
 */
export function resolveProfile(
  profile: TokenProfileName | TokenProfile | undefined,
  option: string,
): TokenProfile {
  if (profile === undefined) return rfc9068Profile;
  if (typeof profile === 'string' && Object.hasOwn(PROFILES, profile)) return PROFILES[profile];
  if (typeof profile === 'object' && profile !== null) return guardCustomProfile(profile, option);
  throw new TypeError(
    `${option} must be one of ${Object.keys(PROFILES).join(', ')}, or a profile of your own.`,
  );
}
