import { parseScope, printable } from '@mcp-m2m/core';

import type { Finding } from '../diagnosis.ts';
import { failure, warning } from '../findings.ts';
import type { Walk } from '../walk.ts';
import { scopesOf, type UnverifiedToken } from './read-token.ts';

/** Judges what a token opens, by what the MCP server asks for in its challenge. */
export function judgeScopes({ challenge }: Walk, token: UnverifiedToken): readonly Finding[] {
  const needed = parseScope(challenge?.parameters.scope ?? '') ?? [];
  const granted = scopesOf(token);
  const missing = needed.filter((scope) => !granted.includes(scope));
  if (missing.length === 0 || granted.length === 0) return [];
  return [
    warning(
      'scope_missing',
      `The MCP server asks for the scopes ${printable(needed)}; the token lacks ${printable(missing)}.`,
      'Request them (scopes), and have an administrator grant them to this client.',
    ),
  ];
}

/** Judges whether a token is bound to a key, and that key at hand. */
export function judgeBinding(
  { settings, token: held }: Walk,
  { claims }: UnverifiedToken,
): readonly Finding[] {
  const thumbprint = (claims.cnf as { jkt?: unknown } | null | undefined)?.jkt;
  if (thumbprint === undefined && held?.tokenType === 'DPoP' && settings.token === undefined) {
    return [
      warning(
        'binding_ignored',
        'A token bound to a key was asked for, and this one names none (cnf.jkt).',
        'Enable DPoP for this client at the authorization server; until then whoever finds the token can use it.',
      ),
    ];
  }
  if (thumbprint !== undefined && settings.dpop === undefined) {
    return [
      failure(
        'dpop_required',
        'The token is bound to a key (DPoP), and goes nowhere without proofs made with that key.',
        'Request the token with the key that makes the proofs: dpop: createDpop(), or --dpop on the command line.',
      ),
    ];
  }
  return [];
}
