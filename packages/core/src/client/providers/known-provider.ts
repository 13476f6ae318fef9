import type { ProviderProfile, ProviderRefusal } from './provider-profile.ts';

/** One trap of an identity provider, and the way out. */
export interface ProviderAdvice {
  /** The OAuth error codes it belongs to; any, where left out. */
  readonly errors?: readonly string[];
  /** The authentication method it belongs to; any, where left out. */
  readonly method?: string;
  /** What `error_description` has in it; anything or nothing, where left out. */
  readonly pattern?: RegExp;
  readonly advice: string;
  /** The advice where the provider's profile is not in use. */
  readonly withoutProfile?: string;
}

/** What is known of an identity provider, whether its profile is in use or not. */
export interface KnownProvider {
  /** For messages: `Auth0`. */
  readonly provider: string;
  /** How its profile is called, for messages: `auth0({ audience })`. */
  readonly usage: string;
  /** Whether an issuer is one of this provider's. Good enough for advice, not for trust. */
  recognizes(issuer: URL): boolean;
  /** In the order they are tried: the first that fits is given. */
  readonly advice: readonly ProviderAdvice[];
  readonly tokenRefusedHint: string;
}

/** What a profile sets, beside what is known of its provider. */
export type ProviderSettings = Omit<ProviderProfile, 'provider' | 'tokenRefusedHint' | 'hintFor'>;

/** Makes a profile of what is known of a provider and what was configured. */
export function createProviderProfile(known: KnownProvider, settings: ProviderSettings): ProviderProfile {
  return Object.freeze({
    ...settings,
    provider: known.provider,
    tokenRefusedHint: known.tokenRefusedHint,
    hintFor: (refusal: ProviderRefusal) => findAdvice(known, refusal)?.advice,
  });
}

/** Finds what a provider's refusal is about. Only our own words come back, none of the refusal's. */
export function findAdvice(known: KnownProvider, refusal: ProviderRefusal): ProviderAdvice | undefined {
  return known.advice.find(
    ({ errors, method, pattern }) =>
      (errors === undefined || errors.includes(refusal.error ?? '')) &&
      (method === undefined || method === refusal.method) &&
      (pattern === undefined || pattern.test(refusal.description ?? '')),
  );
}
