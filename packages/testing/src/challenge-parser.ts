/** One challenge of a `WWW-Authenticate` header. */
export interface Challenge {
  /** As received; compare it without regard to case. */
  readonly scheme: string;
  /** The value of a challenge that has no parameters, such as Negotiate's. */
  readonly token68?: string;
  /** Names in lower case, values unquoted. */
  readonly parameters: Readonly<Record<string, string>>;
}

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
const PARAMETER_START = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+[ \t]*=/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const QUOTED_STRING = /"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*"/y;
const COMMAS = /[ \t]*(?:,[ \t]*)+|[ \t]+$/y;
const WHITESPACE = /[ \t]*/y;
const SPACES = / +/y;

/**
 * Parses a `WWW-Authenticate` header, with any number of challenges.
 *
 * Strict about the grammar, because a client in the field is: a broken quotation or a parameter named twice is an
 * error. Does not know any scheme's parameters.
 *
 * @param headerValue - as `headers.get('www-authenticate')` returns it; `null` gives no challenges
 * @throws SyntaxError that shows where the grammar is broken
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1 | RFC 9110 §11.6.1}
 */
export function parseChallenges(headerValue: string | null | undefined): Challenge[] {
  const text = headerValue ?? '';
  let position = 0;

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = position;
    const match = pattern.exec(text)?.[0];
    position += match?.length ?? 0;
    return match;
  }
  function isNext(pattern: RegExp): boolean {
    pattern.lastIndex = position;
    return pattern.test(text);
  }
  function expected(what: string): SyntaxError {
    return new SyntaxError(`WWW-Authenticate: expected ${what} at offset ${position} of: ${text}`);
  }
  function takeParameters(): Record<string, string> {
    const parameters = new Map<string, string>();
    while (isNext(PARAMETER_START)) {
      const name = (take(TOKEN) ?? '').toLowerCase();
      take(EQUALS);
      const quoted = take(QUOTED_STRING);
      const value = quoted === undefined ? take(TOKEN) : quoted.slice(1, -1).replaceAll(/\\(.)/g, '$1');
      if (value === undefined) throw expected(`the value of "${name}"`);
      if (parameters.has(name)) throw new SyntaxError(`WWW-Authenticate: "${name}" comes twice in: ${text}`);
      parameters.set(name, value);
      if (position < text.length && take(COMMAS) === undefined) throw expected('a comma');
    }
    return Object.fromEntries(parameters);
  }

  const challenges: Challenge[] = [];
  if (take(COMMAS) === undefined) take(WHITESPACE);
  while (position < text.length) {
    const scheme = take(TOKEN);
    if (scheme === undefined) throw expected('an authentication scheme');
    const token68 = take(SPACES) === undefined ? undefined : take(TOKEN68);
    if (token68 !== undefined || !isNext(PARAMETER_START)) {
      challenges.push({ scheme, ...(token68 === undefined ? {} : { token68 }), parameters: {} });
      if (position < text.length && take(COMMAS) === undefined) throw expected('a comma');
      continue;
    }
    challenges.push({ scheme, parameters: takeParameters() });
  }
  return challenges;
}
