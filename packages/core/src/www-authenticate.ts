/** One challenge of a `WWW-Authenticate` header. */
export interface Challenge {
  /** Authentication scheme as sent, for example `Bearer`. */
  readonly scheme: string;
  /** Parameters by lower-case name. Of a repeated one the first is kept. */
  readonly parameters: Readonly<Record<string, string>>;
}

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y;
const QUOTED = /"((?:[^"\\]|\\[\s\S])*)"/y;
const PARAMETER = /^[^=,\s]+[ \t]*=[ \t]*(?:"|[^=,\s])/;
const SPACES = /[ \t]*/y;

/**
 * Parses every challenge of a `WWW-Authenticate` header.
 *
 * Says nothing of what the parameters mean. What follows a malformed part is dropped.
 *
 * @param header - the header's value; several fields joined by a comma are one value
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1 | RFC 9110 §11.6.1}
 */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  let position = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const match = pattern.exec(header);
    if (match !== null) position = pattern.lastIndex;
    return match;
  };
  let parameters: Record<string, string> | undefined;
  while (position < header.length) {
    take(SPACES);
    if (header[position] === ',') {
      position++;
      continue;
    }
    const name = take(TOKEN)?.[0];
    if (name === undefined) break;
    const spaces = take(SPACES)?.[0] ?? '';
    if (header[position] === '=' && parameters !== undefined) {
      position++;
      take(SPACES);
      const value = take(QUOTED)?.[1]?.replace(/\\([\s\S])/g, '$1') ?? take(TOKEN)?.[0];
      if (value === undefined) break;
      parameters[name.toLowerCase()] ??= value;
      continue;
    }
    parameters = Object.create(null) as Record<string, string>;
    challenges.push({ scheme: name, parameters });
    if (spaces !== '' && !PARAMETER.test(header.slice(position))) take(TOKEN68);
  }
  return challenges;
}

/**
 * Writes one challenge. Values become quoted strings; a quotation mark becomes an apostrophe, and other
 * characters that an RFC 6750 parameter cannot carry become a space.
 *
 * @param scheme - authentication scheme
 * @param parameters - in the order they are written; `undefined` values are left out
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 | RFC 6750 §3}
 */
export function formatChallenge(
  scheme: string,
  parameters: Readonly<Record<string, string | undefined>>,
): string {
  const written = Object.entries(parameters)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => `${name}="${quotable(value)}"`);
  return written.length === 0 ? scheme : `${scheme} ${written.join(', ')}`;
}

function quotable(value: string): string {
  return value.replaceAll('"', "'").replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, ' ');
}
