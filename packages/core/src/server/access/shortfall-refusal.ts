import { sanitizeText } from '../../printable-text.ts';
import type { AccessShortfall } from './access-policy.ts';
import type { Caller } from '../caller.ts';
import type { Operation, Operations } from './operations.ts';
import type { RefusalDetails } from '../refusal.ts';

// Grants in which a person takes part, for a machine that is told to come back with one.
const GRANTS_OF_USERS = ['authorization_code', 'urn:ietf:params:oauth:grant-type:token-exchange'];

/**
 * Says in words what a caller lacks and what to do, for a model or a person to act on.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 | RFC 6750 §3.1}
 */
export function explainShortfall(
  shortfall: AccessShortfall,
  caller: Caller,
  operations: Operations,
): RefusalDetails {
  switch (shortfall.reason) {
    case 'scope_insufficient':
      return {
        reason: shortfall.reason,
        description: `This request needs ${count(shortfall.scopes, 'scope')} ${list(shortfall.scopes)}; the access token lacks ${list(shortfall.missing)}.`,
        expected: shortfall.scopes.join(' '),
        received: caller.scopes.join(' '),
        scopes: shortfall.scopes,
        operations,
        data: { scopes: shortfall.scopes, missing: shortfall.missing },
      };
    case 'user_required':
      return {
        reason: shortfall.reason,
        description:
          `${nameOf(shortfall.operation)} needs a person, and this access token is a machine's ` +
          `(client "${sanitizeText(caller.clientId, 80)}" acting for itself). No scope changes that. ` +
          'Let a person sign in (authorization code grant), or exchange their token for one of this client ' +
          '(token exchange grant), and call again with that access token.',
        expected: 'a user',
        received: `${caller.kind} (${caller.evidence})`,
        operations,
        data: { operation: operationOf(shortfall.operation), caller: caller.kind, grants: GRANTS_OF_USERS },
      };
    case 'machine_required':
      return {
        reason: shortfall.reason,
        description:
          `${nameOf(shortfall.operation)} is for machines, and this access token speaks for a user. ` +
          'Call again with an access token from the client credentials grant.',
        expected: 'a machine',
        received: `${caller.kind} (${caller.evidence})`,
        operations,
        data: {
          operation: operationOf(shortfall.operation),
          caller: caller.kind,
          grants: ['client_credentials'],
        },
      };
    case 'operation_not_allowed':
      return {
        reason: shortfall.reason,
        description:
          `${nameOf(shortfall.operation)} is not allowed for this caller (client "${sanitizeText(caller.clientId, 80)}"), ` +
          'whatever scopes its access token has. Ask the owner of the MCP server for access.',
        expected: 'an operation that the policy allows',
        received:
          operations.operations.length === 0
            ? 'a request without a body'
            : describeOperation(shortfall.operation),
        operations,
        data: { operation: operationOf(shortfall.operation), caller: caller.kind },
      };
  }
}

/** An operation in a few words, for logs: `tools/call start_deployment`. */
export function describeOperation({ method = 'response', name }: Operation): string {
  return sanitizeText(name === undefined ? method : `${method} ${name}`, 200);
}

function nameOf({ method, kind, name = '' }: Operation): string {
  if (method === undefined) return 'This request';
  return kind === undefined
    ? `The method "${sanitizeText(method, 80)}"`
    : `The ${kind} "${sanitizeText(name, 80)}"`;
}

function operationOf({ method, name }: Operation): Readonly<Record<string, unknown>> {
  return {
    method: sanitizeText(method ?? '', 80),
    ...(name === undefined ? {} : { name: sanitizeText(name, 80) }),
  };
}

function count(entries: readonly string[], noun: string): string {
  return entries.length === 1 ? `the ${noun}` : `the ${noun}s`;
}

function list(scopes: readonly string[]): string {
  return scopes.map((scope) => `"${scope}"`).join(', ');
}
