import { startDeadline } from '../deadline.ts';
import { DocumentError } from '../document-error.ts';
import { parseIssuerIdentifier } from '../issuer-identifier.ts';
import { type Fetch } from '../bounded-document.ts';
import { fetchJsonDocument } from '../json-document.ts';
import { assertKnownOptions } from '../known-options.ts';
import { printable } from '../printable-text.ts';
import { parseSecureUrl } from '../secure-url.ts';
import { createAudienceCheck, type AudienceCheck, type AudienceOptions } from './audience.ts';
import { cacheLifetimeSeconds } from '../cache-lifetime.ts';
import {
  assertIntrospectionOptions,
  type IntrospectionOptions,
} from './introspection/introspection-options.ts';
import { createIntrospect, type Introspect } from './introspection/introspection-request.ts';
import { createIntrospector, type Introspector } from './introspection/introspector.ts';
import { createIssuerDiscovery, type IssuerDiscovery } from './issuer-discovery.ts';
import { createKeySet, type FetchedKeys, type KeySet } from './key-set.ts';
import { resolveProfile, type TokenProfileName } from './profiles/profiles.ts';
import type { TokenProfile } from './profiles/token-profile.ts';
import {
  assertSignatureAlgorithms,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
} from './signature-algorithms.ts';

/** An authorization server whose tokens are accepted. */
export interface AuthorizationServerOptions {
  /** Issuer identifier, compared character by character with the claim `iss`. */
  readonly issuer: string;
  /** Where its keys are. Default: `jwks_uri` of its discovered metadata. */
  readonly jwksUri?: string;
  /** Signature algorithms accepted from it. Default: every asymmetric one of RFC 7518 and RFC 8037. */
  readonly algorithms?: readonly SignatureAlgorithm[];
  /** The shape of its tokens: an identity provider by name, or a profile of your own. Default `rfc9068`. */
  readonly profile?: TokenProfileName | TokenProfile;
  /** Which audiences its tokens may name. Default: this resource, exactly. */
  readonly audience?: AudienceOptions;
  /** Asks it about opaque tokens (RFC 7662). Default: opaque tokens are refused. */
  readonly introspection?: IntrospectionOptions;
}

/** An authorization server, with its keys and the shape of its tokens. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly algorithms: readonly SignatureAlgorithm[];
  readonly profile: TokenProfile;
  readonly checkAudience: AudienceCheck;
  readonly keys: KeySet;
  /** Verifies tokens by asking, where that is configured. */
  readonly introspect: Introspector | undefined;
  /** Whether JWTs are asked about too. */
  readonly introspectsJwts: boolean;
}

/** What every issuer of a resource server shares. */
export interface IssuerEnvironment {
  /** Canonical identifier of the resource that tokens are for. */
  readonly resource: string;
  readonly fetch: Fetch;
  readonly now: () => number;
  readonly timeoutMilliseconds: number;
  readonly staleIfErrorSeconds: number;
  readonly clockToleranceSeconds: number;
}

const KEY_LIFETIME_SECONDS = { min: 60, default: 300, max: 600 };
const REDISCOVERY_SECONDS = 60;
const MAX_KEY_SET_BYTES = 1_048_576;

/**
 * Prepares one configured authorization server. Contacts nobody yet: metadata and keys are fetched when
 * the first token asks for them.
 *
 * @param configured - an issuer identifier, or an issuer with options
 * @param option - the option's name, for messages
 * @throws TypeError naming the option and the mend
 */
export function createTrustedIssuer(
  configured: string | AuthorizationServerOptions,
  option: string,
  environment: IssuerEnvironment,
): TrustedIssuer {
  const options: AuthorizationServerOptions =
    typeof configured === 'string' ? { issuer: configured } : configured;
  assertKnownOptions(
    options,
    ['issuer', 'jwksUri', 'algorithms', 'profile', 'audience', 'introspection'],
    option,
  );
  const issuer = parseIssuerIdentifier(
    options.issuer,
    typeof configured === 'string' ? option : `${option}.issuer`,
  );
  if (options.jwksUri !== undefined) parseSecureUrl(options.jwksUri, `${option}.jwksUri`);
  const algorithms = options.algorithms ?? SIGNATURE_ALGORITHMS;
  assertSignatureAlgorithms(algorithms, `${option}.algorithms`);
  const discovery = createIssuerDiscovery(issuer, environment);
  const fetchKeys = createKeyFetcher(options.jwksUri, discovery, environment);
  const { now, staleIfErrorSeconds } = environment;
  const trusted: TrustedIssuer = {
    issuer,
    algorithms,
    profile: resolveProfile(options.profile, `${option}.profile`),
    checkAudience: createAudienceCheck(environment.resource, options.audience, `${option}.audience`),
    keys: createKeySet({ issuer, fetchKeys, algorithms, now, staleIfErrorSeconds }),
    introspect: undefined,
    introspectsJwts: options.introspection?.jwts ?? false,
  };
  const { introspection } = options;
  if (introspection === undefined) return trusted;
  assertIntrospectionOptions(introspection, `${option}.introspection`);
  const ask = createIntrospect({
    ...environment,
    issuer,
    options: introspection,
    findEndpoint: async (signal) =>
      introspection.endpoint ??
      (await discovery.find('introspectionEndpoint', 'introspection_endpoint', signal)),
    keys: trusted.keys,
  });
  const introspect: Introspect = async (token) => {
    try {
      return await ask(token);
    } catch (error) {
      // It may have moved; but tokens that fail must not become requests for metadata.
      discovery.forget(REDISCOVERY_SECONDS);
      throw error;
    }
  };
  const { clockToleranceSeconds } = environment;
  const cacheSeconds = introspection.cacheSeconds ?? 30;
  return {
    ...trusted,
    introspect: createIntrospector({ introspect, issuer: trusted, cacheSeconds, now, clockToleranceSeconds }),
  };
}

/** Fetches a key set from where it is configured or discovered to be. */
export function createKeyFetcher(
  configuredUri: string | undefined,
  discovery: IssuerDiscovery,
  { fetch, timeoutMilliseconds }: Pick<IssuerEnvironment, 'fetch' | 'timeoutMilliseconds'>,
): () => Promise<FetchedKeys> {
  return async () => {
    // One budget for discovery and keys together, so that a cold request fails within it.
    const { signal, stop } = startDeadline(timeoutMilliseconds);
    try {
      const uri = configuredUri ?? (await discovery.find('jwksUri', 'jwks_uri', signal));
      const { value, headers } = await fetchJsonDocument(uri, {
        fetch,
        signal,
        timeoutMilliseconds,
        maxBytes: MAX_KEY_SET_BYTES,
      });
      if (!Array.isArray(value.keys)) {
        throw new DocumentError('invalid_member', {
          url: uri,
          expected: '"keys": an array',
          received: printable(value.keys),
        });
      }
      return { keys: value.keys, lifetimeSeconds: cacheLifetimeSeconds(headers, KEY_LIFETIME_SECONDS) };
    } catch (error) {
      discovery.forget();
      throw error;
    } finally {
      stop();
    }
  };
}
