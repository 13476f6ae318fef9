import type { ProfiledClaims, TokenMembers } from './token-profile.ts';

/** Claims by which servers say outright that a token was issued to a client for itself. */
const MACHINE_CLAIMS: readonly (readonly [claim: string, value: string])[] = [
  ['gty', 'client-credentials'],
  ['gty', 'client_credentials'],
  ['grant_type', 'client_credentials'],
  ['grant_type', 'client-credentials'],
  ['idtyp', 'app'],
  ['sub_type', 'client'],
  ['aut', 'APPLICATION'],
];

const NAMES = ['preferred_username', 'username'];
/** Only there when a client logged in as itself (Keycloak). */
const CLIENT_ADDRESSES = ['clientHost', 'clientAddress'];

/**
 * Tells a machine from a person by the subject: the client itself is a machine, anybody else a person, unless
 * the token says otherwise.
 *
 * A server may call the subject of its machines something else than their client id (RFC 9068 §2.2 asks only
 * for an identifier of the client), and such a machine must not pass for a person.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-2.2 | RFC 9068 §2.2 and §5}
 */
export function decideBySubject(
  claims: TokenMembers,
  clientId: string,
  subject: string,
): Pick<ProfiledClaims, 'kind' | 'evidence'> {
  if (subject === clientId) return { kind: 'machine', evidence: '"sub" equals "client_id"' };
  const mark = findMachineMark(claims) ?? findClientInSubject(clientId, subject);
  if (mark !== undefined) return { kind: 'machine', evidence: mark };
  return { kind: 'user', evidence: '"sub" differs from "client_id"' };
}

/** What in a token shows that its subject is a machine, in words; `undefined` when nothing does. */
export function findMachineMark(claims: TokenMembers): string | undefined {
  for (const [claim, value] of MACHINE_CLAIMS) {
    const held = claims[claim];
    if (held === value || (Array.isArray(held) && held.includes(value))) return `"${claim}" is "${value}"`;
  }
  for (const claim of NAMES) {
    const name = claims[claim];
    if (typeof name === 'string' && name.startsWith('service-account-'))
      return `"${claim}" is a service account`;
  }
  const address = CLIENT_ADDRESSES.find((claim) => claims[claim] !== undefined);
  return address === undefined ? undefined : `"${address}" is the address of a client`;
}

/** The client id in another case, or set off by punctuation: `report@clients`, `client:report`. */
function findClientInSubject(clientId: string, subject: string): string | undefined {
  const [client, whole] = [clientId.toLowerCase(), subject.toLowerCase()];
  const before = whole.endsWith(client) ? whole.at(-client.length - 1) : undefined;
  const after = whole.startsWith(client) ? whole[client.length] : undefined;
  const joined = [before, after].some((joint) => joint !== undefined && ':@|/#'.includes(joint));
  return joined || whole === client ? '"sub" is made of "client_id"' : undefined;
}
