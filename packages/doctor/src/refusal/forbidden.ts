import { parseChallenges, sanitizeText } from '@mcp-m2m/core';

import type { Finding } from '../diagnosis.ts';
import type { RecordedExchange } from '../exchange-recorder.ts';
import { failure } from '../findings.ts';
import type { Walk } from '../walk.ts';
import { readJson, wordsOf } from './refusal-words.ts';

/** Says what a 403 is about. */
export function explainForbidden(walk: Walk, refusal: RecordedExchange): Finding {
  const document = readJson(refusal.body);
  const data = (document?.error as { data?: Record<string, unknown> } | undefined)?.data;
  const words = wordsOf(refusal);
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
  const words = named.slice(0, 5).map((grant) => GRANT_NAMES.get(grant) ?? sanitizeText(grant, 100));
  return words.length > 0 ? words.join(' or ') : 'authorization code (a person signs in)';
}

const GRANT_NAMES: ReadonlyMap<string, string> = new Map([
  ['authorization_code', 'authorization code (a person signs in)'],
  ['urn:ietf:params:oauth:grant-type:token-exchange', "token exchange (a person's token is handed in)"],
]);
