import { printable } from '../../printable-text.ts';
import { readScopeText, readText } from './claim-readers.ts';
import type { TokenProfile } from './token-profile.ts';
import { isAccessTokenType, refuseType } from './token-type.ts';

/**
 * Access tokens as RFC 9068 defines them, which is what an authorization server for MCP should issue.
 *
 * A token whose subject is the client itself is a machine's; any other speaks for a user.
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
    const isUser = subject !== clientId;
    return {
      clientId,
      subject,
      scopes,
      roles: [],
      kind: isUser ? 'user' : 'machine',
      evidence: isUser ? '"sub" differs from "client_id"' : '"sub" equals "client_id"',
    };
  },
};
