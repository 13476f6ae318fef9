import {
  isAbsent,
  metadataLifetimeSeconds,
  strings,
  type Fetched,
} from '../../authorization-server-metadata.ts';
import { DocumentError } from '../../document-error.ts';
import { type ExchangeOptions } from '../../bounded-document.ts';
import { fetchJsonDocument } from '../../json-document.ts';
import { printable, sanitizeText } from '../../printable-text.ts';
import { isScopeToken } from '../../scope.ts';
import { protectedResourceMetadataUrl } from '../../well-known.ts';

const MAX_AUTHORIZATION_SERVERS = 100;
const MAX_SCOPE_LENGTH = 4096;

/** The validated members of a protected resource's metadata; `document` holds the rest as it came. */
export interface ProtectedResourceMetadata {
  /** As the document writes it; the same identifier as the one asked for. */
  readonly resource: string;
  /** Where the document was found. */
  readonly url: string;
  readonly authorizationServers: readonly string[];
  readonly scopesSupported: readonly string[] | undefined;
  /** The document as it was published, unchecked. */
  readonly document: Readonly<Record<string, unknown>>;
}

/**
 * Fetches and validates the metadata of an MCP server: at the address of its challenge where one is given,
 * then at the well-known address of its path, then at that of its origin.
 *
 * An address that answers 4xx is skipped for the next one; anything else that goes wrong ends the search.
 * Says nothing of whether the authorization servers named are to be trusted.
 *
 * @param resource - a resource identifier as `parseResourceIdentifier` returns it
 * @param resourceMetadataUrl - `resource_metadata` of a challenge; must be on the resource's own origin
 * @throws DocumentError
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-3.3 | RFC 9728 §3.3},
 *   {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization | MCP authorization, protected resource metadata discovery}
 */
export async function fetchProtectedResourceMetadata(
  resource: string,
  resourceMetadataUrl?: string,
  options: ExchangeOptions = {},
): Promise<ProtectedResourceMetadata & Fetched> {
  const { origin } = new URL(resource);
  const tried = new Set<string>();
  let notFound: DocumentError | undefined;
  const ask = async (url: string): Promise<(ProtectedResourceMetadata & Fetched) | undefined> => {
    if (tried.has(url)) return undefined;
    tried.add(url);
    try {
      const { value, headers } = await fetchJsonDocument(url, options);
      const metadata = validateProtectedResourceMetadata(resource, url, value);
      return { ...metadata, freshForSeconds: metadataLifetimeSeconds(headers) };
    } catch (error) {
      if (!isAbsent(error)) throw error;
      notFound = error;
      return undefined;
    }
  };
  const askChallenged = async (url: string | undefined): ReturnType<typeof ask> => {
    if (url === undefined) return undefined;
    assertResourceMetadataUrl(resource, url);
    return ask(url);
  };
  const found =
    (await askChallenged(resourceMetadataUrl)) ??
    (await ask(protectedResourceMetadataUrl(resource))) ??
    (await ask(protectedResourceMetadataUrl(origin)));
  if (found !== undefined) return found;
  throw new DocumentError('unexpected_status', {
    url: resource,
    expected: `protected resource metadata (RFC 9728) at one of ${[...tried].join(', ')}, or a challenge that names its address`,
    received: notFound?.received ?? 'none',
    cause: notFound,
    ...(notFound?.status === undefined ? {} : { status: notFound.status }),
  });
}

/**
 * Validates a metadata document against the resource it was asked for.
 *
 * `resource` must be identical. A bare origin may be written with or without its slash: the two are one
 * URL (RFC 3986 §6.2.3).
 *
 * @throws DocumentError `identity_mismatch` or `invalid_member`
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-2 | RFC 9728 §2}
 */
export function validateProtectedResourceMetadata(
  resource: string,
  url: string,
  document: Readonly<Record<string, unknown>>,
): ProtectedResourceMetadata {
  const named = document.resource;
  const bareOrigin = new URL(resource).origin === resource;
  if (typeof named !== 'string' || (named !== resource && !(bareOrigin && named === `${resource}/`))) {
    throw new DocumentError('identity_mismatch', {
      url,
      expected: `"resource": ${printable(resource)}`,
      received: printable(named),
    });
  }
  const authorizationServers = strings(document, url, 'authorization_servers') ?? [];
  if (authorizationServers.length > MAX_AUTHORIZATION_SERVERS) {
    throw new DocumentError('invalid_member', {
      url,
      expected: `"authorization_servers": at most ${MAX_AUTHORIZATION_SERVERS} entries`,
      received: String(authorizationServers.length),
    });
  }
  const scopesSupported = strings(document, url, 'scopes_supported');
  if (scopesSupported !== undefined && !isScopeList(scopesSupported)) {
    throw new DocumentError('invalid_member', {
      url,
      expected: `"scopes_supported": scopes by the grammar of RFC 6749, at most ${MAX_SCOPE_LENGTH} characters together`,
      received: sanitizeText(printable(scopesSupported)),
    });
  }
  return { resource: named, url, authorizationServers, scopesSupported, document };
}

/**
 * Refuses a `resource_metadata` that leads away from the resource's own origin: a server could have the
 * client call any address of its network that way.
 *
 * @throws DocumentError `insecure_url`
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-7.7 | RFC 9728 §7.7}
 */
export function assertResourceMetadataUrl(resource: string, resourceMetadataUrl: string): void {
  const { origin } = new URL(resource);
  const parsed = URL.parse(resourceMetadataUrl);
  if (parsed !== null && parsed.origin === origin && parsed.protocol === new URL(origin).protocol) return;
  throw new DocumentError('insecure_url', {
    url: sanitizeText(resourceMetadataUrl),
    expected: `"resource_metadata" on the resource's own origin ${origin}`,
    received: printable(parsed === null ? 'not a URL' : `${parsed.protocol}//${parsed.host}`),
  });
}

function isScopeList(scopes: readonly string[]): boolean {
  return scopes.every(isScopeToken) && scopes.join(' ').length <= MAX_SCOPE_LENGTH;
}
