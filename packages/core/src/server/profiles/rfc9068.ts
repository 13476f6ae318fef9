import { printable } from '../../printable-text.ts';
import { readScopeText, readText } from './claim-readers.ts';
import { decideBySubject } from './subject-kind.ts';
import type { TokenProfile } from './token-profile.ts';
import { isAccessTokenType, refuseType } from './token-type.ts';

/**
 * Access tokens as RFC 9068 defines them, which is what an authorization server for MCP should issue.
 *
 * A token whose subject is the client itself, or which says that it is a machine's, is a machine's; any other
 * speaks for a user. A server that gives machines a subject that nothing tells from a user's needs a profile.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-2 | RFC 9068 §2 and §4}
 */
export const rfc9068Profile: TokenProfile = {
  name: 'rfc9068',
  requiredClaims: ['sub', 'client_id', 'iat', 'jti'],
  checkType: (header) => {
    if (!isAccessTokenType(header)) throw refuseType('"typ": "at+jwt"', printable(header.typ));
  },
  readClaims: (claims) => {
    const clientId = readText(claims, 'client_id');
    const subject = readText(claims, 'sub');
    const scopes = readScopeText(claims, 'scope');
    return { clientId, subject, scopes, roles: [], ...decideBySubject(claims, clientId, subject) };
  },
};
