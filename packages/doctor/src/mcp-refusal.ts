import { parseChallenges, sanitizeText } from '@mcp-m2m/core';

import type { Finding } from './diagnosis.ts';
import type { RecordedExchange } from './exchange-recorder.ts';
import type { FindingCode } from './finding-code.ts';
import { failure } from './findings.ts';
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
  const refusal = walk.recorder.exchanges.slice(since).findLast(({ status }) => status >= 400);
  const found = refusal === undefined ? undefined : explainRefusal(walk, refusal);
  if (found !== undefined) return found;
  const words = walk.concealment.show(error instanceof Error ? error.message : 'failure', 300);
  return failure(otherwise.code, `${otherwise.message}: ${words}.`, otherwise.fix);
}

/** What came back, in a line. */
export function describeFailure(walk: Walk, since: number, error: unknown): string {
  const refusal = walk.recorder.exchanges.slice(since).findLast(({ status }) => status >= 400);
  if (refusal === undefined) {
    return walk.concealment.show(error instanceof Error ? error.message : 'failure', 300);
  }
  const header = refusal.headers.get('www-authenticate');
  const challenge = header === null ? '' : `, WWW-Authenticate: ${walk.concealment.show(header, 400)}`;
  return `status ${refusal.status}${challenge}`;
}

function explainRefusal(walk: Walk, refusal: RecordedExchange): Finding | undefined {
  switch (refusal.status) {
    case 401:
      return explainUnauthorized(walk, refusal);
    case 403:
      return explainForbidden(walk, refusal);
    case 429:
      return failure(
        'rate_limited',
        'The MCP server refuses further requests for now (status 429).',
        'Wait, and try again; if it stays, ask its operator about its limits.',
      );
    default:
      return refusal.status >= 500
        ? failure(
            'server_failing',
            `The MCP server fails (status ${refusal.status})${wordsOf(walk, refusal)}.`,
            refusal.status === 503
              ? 'It may not reach its authorization server (keys, introspection): see its log.'
              : 'See the log of the MCP server.',
          )
        : undefined;
  }
}

function explainUnauthorized(walk: Walk, refusal: RecordedExchange): Finding {
  const challenges = parseChallenges(refusal.headers.get('www-authenticate') ?? '');
  const bearer = challenges.find(({ scheme }) => scheme.toLowerCase() === 'bearer');
  const dpop = challenges.find(({ scheme }) => scheme.toLowerCase() === 'dpop');
  const error = bearer?.parameters.error ?? dpop?.parameters.error;
  if (dpop !== undefined && bearer === undefined && walk.settings.dpop === undefined) {
    return failure(
      'dpop_required',
      'The MCP server takes tokens only that are bound to a key (it asks for DPoP).',
      'Give the client a key for it: dpop: createDpop(), or --dpop on the command line.',
    );
  }
  if (error === undefined && refusal.authorized) {
    return failure(
      'authorization_header_lost',
      'The MCP server answers as if no token had been sent, and one was.',
      'A proxy before the server may remove the Authorization header: have it pass on. (nginx: proxy_set_header Authorization $http_authorization; Apache with CGI: CGIPassAuth On.)',
    );
  }
  return failure(
    'token_refused',
    `The MCP server does not take the token${wordsOf(walk, refusal)}.`,
    'Compare issuer, audience and scopes of the token with what the MCP server is configured for; its log has the true reason.',
  );
}

function explainForbidden(walk: Walk, refusal: RecordedExchange): Finding {
  const document = readJson(refusal.body);
  const data = (document?.error as { data?: Record<string, unknown> } | undefined)?.data;
  const words = wordsOf(walk, refusal);
  switch (data?.reason) {
    case 'user_required':
      return failure(
        'person_required',
        `The token is fine, and the server wants a person here${words}.`,
        `Come back with a token in which a person takes part: ${grantsOf(data.grants)}. No scope changes it.`,
      );
    case 'machine_required':
      return failure(
        'machine_required',
        `The token speaks for a person, and the server wants a machine here${words}.`,
        'Use the client_credentials grant.',
      );
    case 'operation_not_allowed':
      return failure(
        'operation_not_allowed',
        `The server does not allow this to this client, whatever its scopes${words}.`,
        'Ask the owner of the MCP server for access.',
      );
  }
  const challenge = parseChallenges(refusal.headers.get('www-authenticate') ?? '').find(
    ({ parameters }) => parameters.error === 'insufficient_scope',
  );
  if (challenge !== undefined) {
    const scope = sanitizeText(challenge.parameters.scope ?? 'scopes it does not name', 400);
    return failure(
      'scope_missing',
      `The token lacks scopes: the server needs ${scope}${words}.`,
      `Have an administrator grant them to this client at ${walk.issuer ?? 'the authorization server'}, and request them (scopes).`,
    );
  }
  return failure(
    'forbidden',
    `The server forbids it (status 403)${words}.`,
    'No scope is named: a firewall or an allow-list (of addresses, of Host or Origin) may stand before the server, or a policy of its own. See its log.',
  );
}

/** The grants a server names, as they are called among people. */
function grantsOf(grants: unknown): string {
  const named = Array.isArray(grants) ? grants.filter((grant) => typeof grant === 'string') : [];
  const words = named.map((grant) => GRANT_NAMES.get(grant) ?? sanitizeText(grant, 100));
  return words.length > 0 ? words.join(' or ') : 'authorization code (a person signs in)';
}

const GRANT_NAMES: ReadonlyMap<string, string> = new Map([
  ['authorization_code', 'authorization code (a person signs in)'],
  ['urn:ietf:params:oauth:grant-type:token-exchange', "token exchange (a person's token is handed in)"],
]);

/** The server's own sentence, where it has one. */
function wordsOf(walk: Walk, { headers, body }: RecordedExchange): string {
  const document = readJson(body);
  const error = document?.error as { message?: unknown } | undefined;
  const challenge = parseChallenges(headers.get('www-authenticate') ?? '').find(
    ({ parameters }) => parameters.error_description !== undefined,
  );
  const words =
    typeof error?.message === 'string'
      ? error.message
      : typeof document?.error_description === 'string'
        ? document.error_description
        : challenge?.parameters.error_description;
  return words === undefined ? '' : `: "${walk.concealment.show(words, 500).replace(/\.$/, '')}"`;
}

function readJson(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
