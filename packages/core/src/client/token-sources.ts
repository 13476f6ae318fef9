import { assertKnownOptions } from '../known-options.ts';
import { printable } from '../printable-text.ts';
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
import { readServerParameters } from './providers/server-parameters.ts';
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
   * @throws TypeError for a wrong argument, and for a second server where the profile of the provider says the same
   *   of all what their tokens are for
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
 * outage or a refused credential is met once, not once a server, and until a credential has been taken one request goes
 * first. Tokens are kept by issuer, client, resource, scopes, DPoP key, subject and actor.
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
  /** What was found last: most requests go where the one before went. */
  let lastFound: { readonly href: string; readonly key: string; readonly known: KnownSource } | undefined;
  const identityOf = createIdentities();
  /** The one server that has been asked for, where the provider's profile is good for one only. */
  let onlyServer: string | undefined;
  /** Whether a grant without a subject stands for the client itself, in every process that shares the store. */
  const isOfTheClient = (grant: AuthorizationGrant): boolean =>
    grant === settings.grant || grant.grantType === 'client_credentials';

  /** A token that is for two servers is one that either can use at the other. */
  function assertProviderCovers(resource: string): void {
    const { provider } = settings;
    if (provider?.singleServerOption === undefined) return;
    if (onlyServer === undefined || resource === onlyServer) return;
    throw new TypeError(
      `${provider.singleServerOption} of the ${provider.provider} profile says the same of every server, so that ${printable(onlyServer)} could use its tokens at ${printable(resource)}: make it a function that tells by the URL of the server what its tokens are for.`,
    );
  }

  function createKnown(
    resource: string,
    scopes: readonly string[] | undefined,
    grant: AuthorizationGrant,
  ): KnownSource {
    const owner = isOfTheClient(grant) ? undefined : identityOf(grant);
    const parameters = readServerParameters(settings.provider, resource, settings.tokenParameters);
    const target = { resource, scopes, grant, owner, ...parameters };
    const source = createSource(context, target);
    onlyServer ??= resource;
    return { source, target };
  }

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
      const server = parseResourceIdentifier(resource);
      assertProviderCovers(server);
      const scopes = readScopes(sourceOptions.scopes, settings.provider) ?? settings.scopes;
      const right = grant.subject ?? identityOf(grant);
      const key = JSON.stringify([
        server,
        scopes?.toSorted() ?? null,
        grant.grantType,
        right,
        grant.actor ?? null,
      ]);
      const known = sources.get(key) ?? createKnown(server, scopes, grant);
      // Of the same subject, but perhaps with a newer token of it.
      known.target.grant = grant;
      const source = use(key, known);
      const { origin } = new URL(server);
      if (sourceOptions.grant === undefined && findable.get(origin)?.has(key) !== true) {
        findable.set(origin, (findable.get(origin) ?? new Set()).add(key));
        // The new one may cover the same URL.
        lastFound = undefined;
      }
      forgetOldest();
      return source;
    },
    find(url) {
      const { href } = url;
      if (lastFound?.href === href && sources.get(lastFound.key) === lastFound.known) {
        return use(lastFound.key, lastFound.known);
      }
      let longest: readonly [key: string, known: KnownSource] | undefined;
      for (const key of findable.get(url.origin) ?? []) {
        const known = sources.get(key);
        // The first look is cheap, and leaves few of a thousand for the second.
        if (known === undefined || !href.startsWith(known.source.resource)) continue;
        if (!coversUrl(known.source.resource, url)) continue;
        const length = longest?.[1].source.resource.length ?? -1;
        if (known.source.resource.length > length) longest = [key, known];
      }
      if (longest === undefined) return undefined;
      const [key, known] = longest;
      lastFound = { href, key, known };
      return use(key, known);
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
