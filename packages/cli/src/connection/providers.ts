import { auth0, cognito, entraId, keycloak, okta, pingOne, type ProviderProfile } from '@mcp-m2m/core/client';

import { usageError } from '../command-error.ts';
import type { ProviderReference } from '../profiles/profile.ts';

type Factory = (options: never) => ProviderProfile;

const FACTORIES: ReadonlyMap<string, Factory> = new Map<string, Factory>([
  ['auth0', auth0],
  ['cognito', cognito],
  ['entra-id', entraId],
  ['keycloak', keycloak],
  ['okta', okta],
  ['ping-one', pingOne],
]);

/**
 * Creates the profile of an identity provider by its name.
 *
 * @throws CommandError naming what is known, or what the profile says of its options
 */
export function createProvider({ name, ...options }: ProviderReference): ProviderProfile {
  const factory = FACTORIES.get(name);
  if (factory === undefined) {
    throw usageError(`There is no provider "${name}"; known are ${[...FACTORIES.keys()].join(', ')}.`);
  }
  try {
    return factory(options as never);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw usageError(`--provider ${name}: ${error.message}`);
  }
}
