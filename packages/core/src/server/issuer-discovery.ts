import {
  fetchAuthorizationServerMetadata,
  type AuthorizationServerMetadata,
} from '../authorization-server-metadata.ts';
import type { Fetch } from '../bounded-document.ts';
import { DocumentError } from '../document-error.ts';

/** Finds the endpoints of an issuer in its metadata. */
export interface IssuerDiscovery {
  /**
   * @param name - the endpoint
   * @param member - its name in the document, for messages
   * @throws DocumentError
   */
  readonly find: (
    name: 'jwksUri' | 'introspectionEndpoint',
    member: string,
    signal: AbortSignal,
  ) => Promise<string>;
  /** Discovers anew at the next need, because an endpoint failed. */
  readonly forget: () => void;
}

const LIFETIME_SECONDS = 3600;

/** Discovers an issuer's metadata at need, and remembers it for an hour. */
export function createIssuerDiscovery(
  issuer: string,
  {
    fetch,
    now,
    timeoutMilliseconds,
  }: { readonly fetch: Fetch; readonly now: () => number; readonly timeoutMilliseconds: number },
): IssuerDiscovery {
  let discovered: { readonly metadata: AuthorizationServerMetadata; readonly until: number } | undefined;
  return {
    find: async (name, member, signal) => {
      if (discovered === undefined || now() >= discovered.until) {
        const metadata = await fetchAuthorizationServerMetadata(issuer, {
          fetch,
          now,
          timeoutMilliseconds,
          signal,
        });
        discovered = { metadata, until: now() + LIFETIME_SECONDS * 1000 };
      }
      const { metadata } = discovered;
      const found = metadata[name];
      if (found !== undefined) return found;
      discovered = undefined;
      throw new DocumentError('invalid_member', {
        url: metadata.url,
        expected: `"${member}": a URL`,
        received: 'nothing',
      });
    },
    forget: () => {
      discovered = undefined;
    },
  };
}
