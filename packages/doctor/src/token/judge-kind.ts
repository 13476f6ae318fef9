import { printable } from '@mcp-m2m/core';

import type { Finding } from '../diagnosis.ts';
import { failure } from '../findings.ts';
import type { Walk } from '../walk.ts';
import type { UnverifiedToken } from './read-token.ts';

/** Claims that nobody puts into access tokens. */
const OF_ID_TOKENS = ['nonce', 'at_hash', 'c_hash', 's_hash'];

/** Claims that tell what a token opens. */
const AUTHORITY = ['scope', 'scp', 'roles', 'permissions', 'realm_access', 'resource_access'];

/** Judges whether it is an access token at all, and one that can be verified. */
export function judgeKind({ settings }: Walk, token: UnverifiedToken): readonly Finding[] {
  const { alg } = token.header;
  if (typeof alg !== 'string' || alg.toLowerCase() === 'none' || alg.startsWith('HS')) {
    const how =
      typeof alg === 'string' && alg.startsWith('HS')
        ? `signed with a shared secret (${printable(alg)})`
        : 'not signed';
    return [
      failure(
        'token_unsigned',
        `The token is ${how}; no MCP server can tell whom it is from.`,
        'Have the authorization server sign access tokens with ES256, RS256 or another asymmetric algorithm.',
      ),
    ];
  }
  const sign = findSign(token, settings.clientId);
  if (sign === undefined) return [];
  return [
    failure(
      'id_token',
      `This is an ID token (${sign}): it tells a client who signed in, and opens nothing.`,
      'Send the member access_token of the token response, not id_token. A token that a cloud gives to a workload is one too: exchange it for an access token (the grant jwt-bearer).',
    ),
  ];
}

/** What gives an ID token away. Providers that say the kind inside the token have the last word. */
function findSign({ header, claims }: UnverifiedToken, clientId: string | undefined): string | undefined {
  const { typ } = header;
  if (typeof typ === 'string' && /^(?:application\/)?at\+jwt$/i.test(typ)) return undefined;
  if (claims.typ === 'ID') return 'it says so: "typ" is "ID"';
  if (claims.token_use === 'id') return 'it says so: "token_use" is "id"';
  if (claims.typ === 'Bearer' || claims.token_use === 'access') return undefined;
  const signs = OF_ID_TOKENS.filter((name) => claims[name] !== undefined);
  if (signs.length > 0) return `it has ${signs.join(', ')}`;
  if (AUTHORITY.some((name) => claims[name] !== undefined)) return undefined;
  if (clientId !== undefined && claims.aud === clientId) return 'its audience is the client itself';
  if (claims.azp !== undefined && claims.azp === claims.aud) return 'its audience is the client itself';
  return claims.email_verified === undefined ? undefined : 'it describes a person or an account';
}
