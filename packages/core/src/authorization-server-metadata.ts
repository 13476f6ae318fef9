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
  /** The document as it was published, unchecked. */
  readonly document: Readonly<Record<string, unknown>>;
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
): Promise<AuthorizationServerMetadata> {
  const urls = authorizationServerMetadataUrls(issuer);
  let notFound: DocumentError | undefined;
  for (const url of urls) {
    try {
      const { value } = await fetchJsonDocument(url, options);
      return validateAuthorizationServerMetadata(issuer, url, value);
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
