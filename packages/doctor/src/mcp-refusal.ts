import { sanitizeText } from '@mcp-m2m/core';
import { TokenAcquisitionError } from '@mcp-m2m/core/client';

import type { Finding } from './diagnosis.ts';
import type { RecordedExchange } from './exchange-recorder.ts';
import type { FindingCode } from './finding-code.ts';
import { failure } from './findings.ts';
import { explainForbidden } from './refusal/forbidden.ts';
import { wordsOf } from './refusal/refusal-words.ts';
import { explainUnauthorized } from './refusal/unauthorized.ts';
import { explainRequestFailure } from './steps/request-failure.ts';
import { explainAcquisition } from './token-acquisition-finding.ts';
import type { Walk } from './walk.ts';

/** What is found where an MCP request failed without a refusal that says why. */
export interface OtherwiseFinding {
  readonly code: FindingCode;
  readonly message: string;
  readonly fix: string;
}

/**
 * Explains why an MCP request failed: by the server's last refusal, where it refused one, else by the error.
 *
 * @param since - how many exchanges there had been before the request
 * @param error - what the client threw
 */
export function explainMcpFailure(
  walk: Walk,
  since: number,
  error: unknown,
  otherwise: OtherwiseFinding,
): Finding {
  const refusal = lastRefusal(walk, since);
  const found = refusal === undefined ? undefined : explainRefusal(walk, refusal, since);
  if (found !== undefined) return found;
  const acquisition = causeOf(error, TokenAcquisitionError);
  if (acquisition !== undefined) return explainAcquisition(acquisition, walk);
  const unread = explainRequestFailure(error, walk.settings.resource)?.findings?.[0];
  return unread ?? failure(otherwise.code, `${otherwise.message}: ${messageOf(error)}.`, otherwise.fix);
}

/** What came back, in a line. */
export function describeFailure(walk: Walk, since: number, error: unknown): string {
  const refusal = lastRefusal(walk, since);
  if (refusal === undefined) return messageOf(error);
  const header = refusal.headers.get('www-authenticate');
  const challenge = header === null ? '' : `, WWW-Authenticate: ${sanitizeText(header, 400)}`;
  return `status ${refusal.status}${challenge}`;
}

/** What the MCP server itself answered to the last message; the authorization server is asked in between. */
function lastRefusal({ recorder, settings }: Walk, since: number): RecordedExchange | undefined {
  const { origin, pathname } = new URL(settings.resource);
  const last = recorder
    .since(since)
    .findLast(({ method, url }) => method === 'POST' && url === origin + pathname);
  return last !== undefined && last.status >= 300 ? last : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? sanitizeText(error.message.replace(/\.$/, ''), 300) : 'a failure';
}

function causeOf<T extends Error>(error: unknown, kind: new (...parts: never[]) => T): T | undefined {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++, current = current.cause) {
    if (current instanceof kind) return current;
  }
  return undefined;
}

function explainRefusal(walk: Walk, refusal: RecordedExchange, since: number): Finding | undefined {
  const { status } = refusal;
  if (status === 401) return explainUnauthorized(walk, refusal);
  if (status === 403) return explainForbidden(walk, refusal);
  if (status === 400 || status === 404) return explainLostSession(walk, refusal, since);
  if (status === 429) {
    return failure(
      'rate_limited',
      'The MCP server refuses further requests for now (status 429).',
      'Wait, and try again; if it stays, ask its operator about its limits.',
    );
  }
  if (status < 400) {
    return failure(
      'redirected',
      `The MCP server redirects requests that carry a token (status ${status}); a token is never sent along a redirect.`,
      'Configure the final address, or stop the server or the proxy before it from redirecting.',
    );
  }
  if (status < 500) return undefined;
  return failure(
    'server_failing',
    `The MCP server fails (status ${status})${wordsOf(refusal)}.`,
    status === 503
      ? 'It may not reach its authorization server (keys, introspection): see its log.'
      : 'See the log of the MCP server.',
  );
}

/** Sessions of the older revisions are lost by proxies that drop their header, and by instances that know no others'. */
function explainLostSession(walk: Walk, refusal: RecordedExchange, since: number): Finding | undefined {
  if (!/session|not initialized/i.test(refusal.body)) return undefined;
  const answers = walk.recorder.since(since);
  // Servers of the older revisions say the same to server/discover, and mean nothing by it.
  if (walk.session === undefined && !answers.some(({ status }) => status === 200)) return undefined;
  const given = answers.some(({ headers }) => headers.has('mcp-session-id'));
  if (given || walk.session?.transport.sessionId !== undefined) {
    return failure(
      'session_lost',
      `The MCP server does not know the session that it has just opened (status ${refusal.status})${wordsOf(refusal)}.`,
      'If it runs in several instances, have requests with the same Mcp-Session-Id go to the same one, or run it without sessions. A proxy must pass that header on, in both directions.',
    );
  }
  return failure(
    'session_header_lost',
    `The MCP server asks for a session (status ${refusal.status}), and its answer to initialize named none.`,
    'A proxy before the server may remove the header Mcp-Session-Id: have it pass that header on, in both directions.',
  );
}
