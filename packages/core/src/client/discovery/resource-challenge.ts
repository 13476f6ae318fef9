import type { ExchangeOptions } from '../../bounded-document.ts';
import { untilAborted } from '../../until-aborted.ts';
import { parseChallenges, type Challenge } from '../../www-authenticate.ts';
import { readDemandedScopes } from '../scopes/demanded-scopes.ts';

/** Harmless wherever it should be answered: it asks for nothing and changes nothing. */
const PING = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });

/** What a server says of itself to a client without a token. */
export interface ResourceChallenge {
  /** Where its metadata is, unjudged. */
  readonly resourceMetadataUrl: string | undefined;
  /** What it asks for at the least; empty where it does not say. */
  readonly scopes: readonly string[];
}

/**
 * Calls an MCP server once without a token, for the challenge of its 401: where its metadata is, and which
 * scopes it needs first.
 *
 * Does not judge what it says.
 *
 * @returns `undefined` where there is no such challenge or no answer
 * @throws the reason of the options' signal
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-5.1 | RFC 9728 §5.1}
 */
export async function requestResourceChallenge(
  resource: string,
  options: ExchangeOptions,
): Promise<ResourceChallenge | undefined> {
  const timeout = AbortSignal.timeout(options.timeoutMilliseconds ?? 3000);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  try {
    const response = await untilAborted(
      (options.fetch ?? globalThis.fetch)(resource, {
        method: 'POST',
        headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
        body: PING,
        redirect: 'manual',
        signal,
      }),
      signal,
    );
    response.body?.cancel().catch(() => undefined);
    if (response.status !== 401) return undefined;
    const challenge = readResourceChallenge(response);
    return (
      challenge && {
        resourceMetadataUrl: challenge.parameters.resource_metadata,
        scopes: readDemandedScopes(challenge),
      }
    );
  } catch {
    options.signal?.throwIfAborted();
    return undefined;
  }
}

/**
 * The challenge of a response that speaks of the resource: the first for Bearer; where there is none, the first
 * of another scheme (DPoP, say) that names metadata or scopes.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-5.1 | RFC 9728 §5.1}
 */
export function readResourceChallenge({ headers }: Response): Challenge | undefined {
  const challenges = parseChallenges(headers.get('www-authenticate') ?? '');
  return (
    challenges.find(({ scheme }) => scheme.toLowerCase() === 'bearer') ??
    challenges.find(
      ({ parameters }) => parameters.resource_metadata !== undefined || parameters.scope !== undefined,
    )
  );
}
