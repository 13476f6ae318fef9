import {
  fetchAuthorizationServerMetadata,
  type AuthorizationServerMetadata,
} from '../authorization-server-metadata.ts';
import type { Fetch } from '../bounded-document.ts';
import { startDeadline } from '../deadline.ts';
import { DocumentError } from '../document-error.ts';
import { untilAborted } from '../until-aborted.ts';

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
  /**
   * Discovers anew at the next need, because an endpoint failed.
   *
   * @param minimumAgeSeconds - not if the metadata are younger than this. Default 0.
   */
  readonly forget: (minimumAgeSeconds?: number) => void;
}

/** What discovery needs of its surroundings. */
export interface IssuerDiscoveryEnvironment {
  readonly fetch: Fetch;
  readonly now: () => number;
  readonly timeoutMilliseconds: number;
}

const LIFETIME_SECONDS = 3600;

/** Discovers an issuer's metadata at need, once for all who ask at the same time, and remembers it for an hour. */
export function createIssuerDiscovery(
  issuer: string,
  { fetch, now, timeoutMilliseconds }: IssuerDiscoveryEnvironment,
): IssuerDiscovery {
  let discovered: { readonly metadata: AuthorizationServerMetadata; readonly at: number } | undefined;
  let inFlight: Promise<AuthorizationServerMetadata> | undefined;

  const fetchMetadata = async (): Promise<AuthorizationServerMetadata> => {
    // Of its own: whoever asked first must not end it for the others.
    const { signal, stop } = startDeadline(timeoutMilliseconds);
    try {
      const metadata = await fetchAuthorizationServerMetadata(issuer, {
        fetch,
        now,
        timeoutMilliseconds,
        signal,
      });
      discovered = { metadata, at: now() };
      return metadata;
    } finally {
      stop();
      inFlight = undefined;
    }
  };

  return {
    find: async (name, member, signal) => {
      const isFresh = discovered !== undefined && now() < discovered.at + LIFETIME_SECONDS * 1000;
      const metadata = isFresh ? discovered?.metadata : undefined;
      const { url, [name]: found } = metadata ?? (await untilAborted((inFlight ??= fetchMetadata()), signal));
      if (found !== undefined) return found;
      discovered = undefined;
      throw new DocumentError('invalid_member', { url, expected: `"${member}": a URL`, received: 'nothing' });
    },
    forget: (minimumAgeSeconds = 0) => {
      if (discovered !== undefined && now() >= discovered.at + minimumAgeSeconds * 1000)
        discovered = undefined;
    },
  };
}
