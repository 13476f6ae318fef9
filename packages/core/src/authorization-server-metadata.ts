import { cacheLifetimeSeconds } from './cache-lifetime.ts';
import { DocumentError } from './document-error.ts';
import { assertSecureDocumentUrl, type ExchangeOptions } from './bounded-document.ts';
import { fetchJsonDocument } from './json-document.ts';
import { printable } from './printable-text.ts';
import { authorizationServerMetadataUrls } from './well-known.ts';

/** The validated members of authorization-server metadata; `document` holds the rest as it came. */
export interface AuthorizationServerMetadata {
  /** Identical to the issuer that was asked for. */
  readonly issuer: string;
  /** Where the document was found. */
  readonly url: string;
  readonly tokenEndpoint: string | undefined;
  readonly jwksUri: string | undefined;
  readonly introspectionEndpoint: string | undefined;
  readonly grantTypesSupported: readonly string[] | undefined;
  readonly tokenEndpointAuthMethodsSupported: readonly string[] | undefined;
  readonly tokenEndpointAuthSigningAlgValuesSupported: readonly string[] | undefined;
  readonly scopesSupported: readonly string[] | undefined;
  readonly dpopSigningAlgValuesSupported: readonly string[] | undefined;
  /** The token endpoint for clients that present a certificate, where it is another (RFC 8705 §5). */
  readonly mtlsTokenEndpoint: string | undefined;
  /** The document as it was published, unchecked. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** How long metadata is used, by its own word and within these bounds, in seconds. */
const METADATA_LIFETIME_SECONDS = { min: 60, default: 3600, max: 86_400 };

/** Metadata that was fetched and not only read. */
export interface Fetched {
  /** How long it may be used before it is fetched anew: an hour where nothing is said, a day at the most. */
  readonly freshForSeconds: number;
}

/** How long a metadata document may be used, by the headers it came with. */
export function metadataLifetimeSeconds(headers: Headers): number {
  return cacheLifetimeSeconds(headers, METADATA_LIFETIME_SECONDS);
}

/**
 * Fetches and validates the metadata of an authorization server: RFC 8414 first, then OpenID Connect.
 *
 * An address that answers 4xx is skipped for the next one. Anything else that goes wrong ends the search:
 * a document of another issuer must never be passed over in favour of a luckier address.
 *
 * Endpoints are checked to be https (http on loopback only); nothing is said about who operates them.
 *
 * @param issuer - the issuer identifier, compared character by character with the document's
 * @throws DocumentError
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-3.3 | RFC 8414 §3.3}
 */
export async function fetchAuthorizationServerMetadata(
  issuer: string,
  options: ExchangeOptions = {},
): Promise<AuthorizationServerMetadata & Fetched> {
  const urls = authorizationServerMetadataUrls(issuer);
  let notFound: DocumentError | undefined;
  for (const url of urls) {
    try {
      const { value, headers } = await fetchJsonDocument(url, options);
      const metadata = validateAuthorizationServerMetadata(issuer, url, value);
      return { ...metadata, freshForSeconds: metadataLifetimeSeconds(headers) };
    } catch (error) {
      if (!isAbsent(error)) throw error;
      notFound = error;
    }
  }
  throw new DocumentError('unexpected_status', {
    url: issuer,
    expected: `authorization server metadata at one of ${urls.join(', ')}`,
    received: notFound?.received ?? 'none',
    cause: notFound,
    ...(notFound?.status === undefined ? {} : { status: notFound.status }),
  });
}

/**
 * Validates a metadata document against the issuer it was asked for.
 *
 * @throws DocumentError `identity_mismatch`, `invalid_member` or `insecure_url`
 */
export function validateAuthorizationServerMetadata(
  issuer: string,
  url: string,
  document: Readonly<Record<string, unknown>>,
): AuthorizationServerMetadata {
  if (document.issuer !== issuer) {
    throw new DocumentError('identity_mismatch', {
      url,
      expected: `"issuer": ${printable(issuer)}`,
      received: printable(document.issuer),
    });
  }
  return {
    issuer,
    url,
    tokenEndpoint: endpoint(document, url, 'token_endpoint'),
    jwksUri: endpoint(document, url, 'jwks_uri'),
    introspectionEndpoint: endpoint(document, url, 'introspection_endpoint'),
    grantTypesSupported: strings(document, url, 'grant_types_supported'),
    tokenEndpointAuthMethodsSupported: strings(document, url, 'token_endpoint_auth_methods_supported'),
    tokenEndpointAuthSigningAlgValuesSupported: strings(
      document,
      url,
      'token_endpoint_auth_signing_alg_values_supported',
    ),
    scopesSupported: strings(document, url, 'scopes_supported'),
    dpopSigningAlgValuesSupported: strings(document, url, 'dpop_signing_alg_values_supported'),
    mtlsTokenEndpoint: mtlsTokenEndpoint(document, url),
    document,
  };
}

/** A document that is simply not published at an address: the next address is asked. */
export function isAbsent(error: unknown): error is DocumentError {
  return (
    error instanceof DocumentError &&
    error.code === 'unexpected_status' &&
    error.status !== undefined &&
    error.status >= 400 &&
    error.status < 500 &&
    error.status !== 429
  );
}

function endpoint(
  document: Readonly<Record<string, unknown>>,
  url: string,
  member: string,
): string | undefined {
  const value = document[member];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') {
    throw new DocumentError('invalid_member', {
      url,
      expected: `"${member}": a URL`,
      received: printable(value),
    });
  }
  assertSecureDocumentUrl(value);
  return value;
}

function mtlsTokenEndpoint(document: Readonly<Record<string, unknown>>, url: string): string | undefined {
  const aliases = document.mtls_endpoint_aliases;
  return typeof aliases === 'object' && aliases !== null && !Array.isArray(aliases)
    ? endpoint(aliases as Readonly<Record<string, unknown>>, url, 'token_endpoint')
    : undefined;
}

/** Reads an optional member that must be an array of strings. */
export function strings(
  document: Readonly<Record<string, unknown>>,
  url: string,
  member: string,
): readonly string[] | undefined {
  const value = document[member];
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'string')) {
    throw new DocumentError('invalid_member', {
      url,
      expected: `"${member}": an array of strings`,
      received: printable(value),
    });
  }
  return value;
}
