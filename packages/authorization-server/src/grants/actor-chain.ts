import { printable } from '@mcp-m2m/core';

import { refuseGrant } from './grant-refusal.ts';
import type { Actor } from './issue-token.ts';

/** Most parties that act for one another in one token. */
export const MAX_ACTORS = 4;

/**
 * Reads a claim `act`.
 *
 * @throws the refusal of a request whose token has another thing there
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693#section-4.1 | RFC 8693 §4.1}
 */
export function readActor(value: unknown, what: string): Actor {
  if (typeof value === 'object' && value !== null && typeof (value as { sub?: unknown }).sub === 'string') {
    return value as Actor;
  }
  throw refuseGrant({
    error: 'invalid_request',
    reason: 'delegation_not_allowed',
    description: `${what} must be an object with a sub`,
    detail: `${what} is ${printable(value)}`,
  });
}

/**
 * Bounds how many parties act for one another.
 *
 * @throws the refusal of a request beyond it
 */
export function assertActorChain(actor: Actor): void {
  let length = 0;
  for (let current: unknown = actor; isActor(current); current = current['act']) length++;
  if (length <= MAX_ACTORS) return;
  throw refuseGrant({
    error: 'invalid_request',
    reason: 'delegation_too_deep',
    description: `at most ${MAX_ACTORS} parties may act for one another in a token`,
    detail: `the token would name ${length} actors`,
  });
}

/**
 * Holds an exchange to the claim `may_act` of the subject's token.
 *
 * @param mayAct - the claim, if there is one
 * @param actor - who is to act
 * @param issuer - this server's identifier, of which the actor is a subject
 * @throws the refusal when somebody else may act
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693#section-4.4 | RFC 8693 §4.4}
 */
export function assertMayAct(mayAct: unknown, actor: string, issuer: string): void {
  if (mayAct === undefined) return;
  const { sub, iss, ...others } = isActor(mayAct) ? mayAct : { sub: undefined, iss: undefined };
  // What else has to be true of the actor is not known, and so is not.
  if (sub === actor && (iss === undefined || iss === issuer) && Object.keys(others).length === 0) return;
  throw refuseGrant({
    error: 'invalid_request',
    reason: 'delegation_not_allowed',
    description: 'the subject_token says in may_act who may act for its subject, and this client is not it',
    detail: `${printable(actor)} is to act, may_act is ${printable(mayAct)}`,
  });
}

function isActor(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
