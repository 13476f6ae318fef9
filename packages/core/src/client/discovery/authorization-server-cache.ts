import {
  fetchAuthorizationServerMetadata,
  isAbsent,
  type AuthorizationServerMetadata,
  type Fetched,
} from '../../authorization-server-metadata.ts';
import type { ExchangeOptions } from '../../bounded-document.ts';
import { DocumentError, type DocumentErrorCode } from '../../document-error.ts';
import { createSingleFlight } from '../renewal/single-flight.ts';

/** How long metadata that cannot be fetched anew, because the server is down, is still used. */
const STALE_MILLISECONDS = 86_400_000;

const OUTAGES: ReadonlySet<DocumentErrorCode> = new Set(['unexpected_status', 'timeout', 'unreachable']);

/** How metadata is asked for. */
export interface AuthorizationServerRequest extends ExchangeOptions {
  /** What is older than this is fetched anew, whatever its own lifetime. */
  readonly maxAgeMilliseconds?: number | undefined;
}

/** Remembers the metadata of one authorization server, for every resource that relies on it. */
export interface AuthorizationServerCache {
  /** @throws DocumentError where there is none */
  get(request: AuthorizationServerRequest): Promise<AuthorizationServerMetadata>;
  /** What is known does not offer what is needed: it is fetched anew the next time. */
  expire(): void;
}

/**
 * Keeps the metadata of one issuer for as long as its HTTP headers say, and for a day where the server is
 * down. However many resources ask, one request is made.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9111#section-4.2 | RFC 9111 §4.2}
 */
export function createAuthorizationServerCache(issuer: string, now: () => number): AuthorizationServerCache {
  let held: { metadata: AuthorizationServerMetadata & Fetched; at: number } | undefined;
  let expired = false;
  const flight = createSingleFlight<AuthorizationServerMetadata>();

  async function fetchAnew(request: AuthorizationServerRequest): Promise<AuthorizationServerMetadata> {
    const at = now();
    try {
      const metadata = await fetchAuthorizationServerMetadata(issuer, request);
      held = { metadata, at };
      expired = false;
      return metadata;
    } catch (error) {
      const outage = error instanceof DocumentError && OUTAGES.has(error.code) && !isAbsent(error);
      if (held !== undefined && outage && at - held.at < STALE_MILLISECONDS) return held.metadata;
      throw error;
    }
  }

  return {
    async get(request) {
      const age = held === undefined ? Number.POSITIVE_INFINITY : now() - held.at;
      const maxAge = Math.min(
        request.maxAgeMilliseconds ?? Number.POSITIVE_INFINITY,
        (held?.metadata.freshForSeconds ?? 0) * 1000,
      );
      if (held !== undefined && !expired && age < maxAge) return held.metadata;
      return flight.run(() => fetchAnew(request));
    },
    expire() {
      expired = true;
    },
  };
}
