import { AUTH0 } from './auth0.ts';
import { COGNITO } from './cognito.ts';
import { ENTRA_ID } from './entra-id.ts';
import { KEYCLOAK } from './keycloak.ts';
import { findAdvice, type KnownProvider } from './known-provider.ts';
import { OKTA } from './okta.ts';
import { PING_ONE } from './ping-one.ts';
import type { ProviderRefusal } from './provider-profile.ts';

/** Those known by their path come last. */
const KNOWN_PROVIDERS: readonly KnownProvider[] = [AUTH0, ENTRA_ID, COGNITO, PING_ONE, OKTA, KEYCLOAK];

/** Refusals of what was asked for, and so likely of what a profile would have asked otherwise. */
const REQUEST_ERRORS: ReadonlySet<string> = new Set([
  'invalid_request',
  'invalid_scope',
  'invalid_target',
  'access_denied',
]);

/** An identity provider that was recognised by its issuer, without a profile in use. */
export interface RecognizedProvider {
  /** For messages: `Auth0`. */
  readonly provider: string;
  /** How its profile is called, for messages: `auth0({ audience })`. */
  readonly usage: string;
  /** What to look at where the MCP server refuses a token that this provider has issued. */
  readonly tokenRefusedHint: string;
  /** What a person can do about a refusal, often: which profile to use. */
  hintFor(refusal: ProviderRefusal): string | undefined;
}

/**
 * Recognises an identity provider by its issuer: host name, or path where hosts differ.
 *
 * For advice only: a custom domain is not recognised, and nothing keeps a server from looking like another.
 *
 * @returns `undefined` for any other issuer, and for what is no URL
 */
export function recognizeProvider(issuer: string): RecognizedProvider | undefined {
  const url = URL.parse(issuer);
  const known = url === null ? undefined : KNOWN_PROVIDERS.find((candidate) => candidate.recognizes(url));
  if (known === undefined) return undefined;
  const { provider, usage, tokenRefusedHint } = known;
  return {
    provider,
    usage,
    tokenRefusedHint,
    hintFor: (refusal) => {
      const found = findAdvice(known, refusal);
      if (found !== undefined) return found.withoutProfile ?? found.advice;
      return REQUEST_ERRORS.has(refusal.error ?? '')
        ? `The issuer looks like ${provider}: use provider: ${usage}, which sends what it wants.`
        : undefined;
    },
  };
}
