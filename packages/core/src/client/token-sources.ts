import { assertKnownOptions } from '../known-options.ts';
import { parseResourceIdentifier } from '../resource-identifier.ts';
import { createClientContext } from './client-context.ts';
import {
  assertGrant,
  readScopes,
  readTokenClientOptions,
  TOKEN_CLIENT_OPTION_NAMES,
  type TokenClientOptions,
} from './client-options.ts';
import type { DpopProver } from './dpop/dpop-prover.ts';
import type { AuthorizationGrant } from './grants/authorization-grant.ts';
import { coversUrl } from './requests/covered-url.ts';
import { createMemoryTokenStore } from './store/memory-token-store.ts';
import { createSource, type TokenSource } from './token-source.ts';

/** Options of {@link createTokenSources}. */
export interface TokenSourcesOptions extends TokenClientOptions {
  /**
   * How many sources are remembered; of more, those longest unused are forgotten, and their tokens are found again
   * in `store`. Default 1000.
   */
  readonly maxSources?: number | undefined;
}

/** How one source differs from the client's ordinary. */
export interface SourceOptions {
  /** The ceiling of scopes at this server. Default: that of the client. */
  readonly scopes?: readonly string[] | undefined;
  /** By what right the token is asked for. Default: that of the client. */
  readonly grant?: AuthorizationGrant | undefined;
}

/** One client's tokens for many MCP servers. No server is ever shown the token of another. */
export interface TokenSources {
  /**
   * The source for one MCP server, the same one whenever it is asked for in the same way.
   *
   * @throws TypeError for a wrong argument
   */
  sourceFor(resource: string | URL, options?: SourceOptions): TokenSource;
  /**
   * The source for whose server a request is: of those asked for without a grant of their own, the one whose
   * resource covers the URL, the longest of several.
   */
  find(url: URL): TokenSource | undefined;
  /** Where the tokens are bound to a key: what proves possession of it. */
  readonly dpop: DpopProver | undefined;
}

/**
 * Creates the tokens of one client for many MCP servers that trust one authorization server.
 *
 * All sources share what is known of the authorization server, how it took the credentials, and one store: an
 * outage or a refused credential is met once, not once a server. Tokens are kept by issuer, client, resource,
 * scopes, DPoP key and subject.
 *
 * @throws TypeError for a wrong option, naming it and the mend
 */
export function createTokenSources(options: TokenSourcesOptions): TokenSources {
  assertKnownOptions(options, ['maxSources', ...TOKEN_CLIENT_OPTION_NAMES], 'createTokenSources');
  const { maxSources = 1000 } = options;
  if (!Number.isInteger(maxSources) || maxSources < 1) {
    throw new TypeError('maxSources must be a whole number, at least 1; 1000 is the default.');
  }
  const { now } = options;
  const store = options.store ?? createMemoryTokenStore(typeof now === 'function' ? { now } : {});
  const settings = readTokenClientOptions({ ...options, store });
  const context = createClientContext(settings);
  /** The one used last comes last. */
  const sources = new Map<string, KnownSource>();
  /** Keys of the sources that a URL may lead to, by origin. */
  const findable = new Map<string, Set<string>>();
  const identityOf = createIdentities();
  /** Whether a grant without a subject stands for the client itself, in every process that shares the store. */
  const isOfTheClient = (grant: AuthorizationGrant): boolean =>
    grant === settings.grant || grant.grantType === 'client_credentials';

  function use(key: string, known: KnownSource): TokenSource {
    sources.delete(key);
    sources.set(key, known);
    return known.source;
  }

  function forgetOldest(): void {
    for (const [key, { source }] of sources) {
      if (sources.size <= maxSources) break;
      sources.delete(key);
      const home = new URL(source.resource).origin;
      findable.get(home)?.delete(key);
      if (findable.get(home)?.size === 0) findable.delete(home);
    }
  }

  return {
    dpop: settings.dpop,
    sourceFor(resource, sourceOptions = {}) {
      assertKnownOptions(sourceOptions, ['scopes', 'grant'], 'sourceFor');
      const { grant = settings.grant } = sourceOptions;
      assertGrant(grant);
      const target = {
        resource: parseResourceIdentifier(resource),
        grant,
        scopes: readScopes(sourceOptions.scopes, settings.provider) ?? settings.scopes,
        owner: isOfTheClient(grant) ? undefined : identityOf(grant),
      };
      const right = grant.subject ?? identityOf(grant);
      const key = JSON.stringify([
        target.resource,
        target.scopes?.toSorted() ?? null,
        grant.grantType,
        right,
      ]);
      const known = sources.get(key);
      if (known !== undefined) {
        // Of the same subject, but perhaps with a newer token of it.
        known.target.grant = grant;
      }
      const source = use(key, known ?? { source: createSource(context, target), target });
      const { origin } = new URL(target.resource);
      if (sourceOptions.grant === undefined)
        findable.set(origin, (findable.get(origin) ?? new Set()).add(key));
      forgetOldest();
      return source;
    },
    find(url) {
      let longest: readonly [key: string, known: KnownSource] | undefined;
      for (const key of findable.get(url.origin) ?? []) {
        const known = sources.get(key);
        // The first look is cheap, and leaves few of a thousand for the second.
        if (known === undefined || !url.href.startsWith(known.source.resource)) continue;
        if (!coversUrl(known.source.resource, url)) continue;
        const length = longest?.[1].source.resource.length ?? -1;
        if (known.source.resource.length > length) longest = [key, known];
      }
      return longest === undefined ? undefined : use(...longest);
    },
  };
}

interface KnownSource {
  readonly source: TokenSource;
  readonly target: { grant: AuthorizationGrant };
}

/** Tells objects apart, here and from those of any other process, without keeping them alive. */
function createIdentities(): (value: object) => string {
  const identities = new WeakMap<object, string>();
  return (value) => {
    const identity = identities.get(value) ?? crypto.randomUUID();
    identities.set(value, identity);
    return identity;
  };
}
