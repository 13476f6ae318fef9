import { AssertionError } from 'node:assert';
import { parseChallenges, type Challenge } from './challenge-parser.ts';

/** What is read of a response: fetch's `Response`, or anything alike. */
export interface ResponseLike {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
}

/** What a challenge has to say. A member left out is not looked at; `null` means that it must be absent. */
export interface ExpectedChallenge {
  /** `Bearer`, `DPoP`, …; compared without regard to case. */
  readonly scheme: string;
  /** The response's status. */
  readonly status?: number;
  readonly error?: string | null;
  /** All the scopes, in any order, as a list or separated by spaces. */
  readonly scope?: string | readonly string[] | null;
  /** The address of the protected resource metadata. */
  readonly resourceMetadata?: string | URL | null;
  /** Any other parameters, by their name in lower case. */
  readonly parameters?: Readonly<Record<string, string | null>>;
}

type Members = Record<string, string | number | null>;

/**
 * Asserts that a response challenges as expected, in one of its challenges, and returns that challenge.
 *
 * @throws AssertionError (`node:assert`) that lists each difference, with `actual` and `expected` for test runners
 * @throws SyntaxError when the header is not a `WWW-Authenticate` at all; see `parseChallenges`
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 | RFC 6750 §3},
 *   {@link https://www.rfc-editor.org/rfc/rfc9728#section-5.1 | RFC 9728 §5.1}
 */
export function expectChallenge(response: ResponseLike, expected: ExpectedChallenge): Challenge {
  const header = response.headers.get('www-authenticate');
  const wanted = describeExpected(expected);
  const candidates = parseChallenges(header).map((challenge) => {
    const actual = describeActual(response, challenge, wanted);
    return { challenge, actual, differences: listDifferences(wanted, actual) };
  });
  const [best] = candidates.toSorted((a, b) => rank(a) - rank(b));
  if (best?.differences.length === 0) return best.challenge;
  const actual = best?.actual ?? describeActual(response, { scheme: '', parameters: {} }, wanted);
  throw new AssertionError({
    message: [
      'The response does not challenge as expected:',
      ...(best?.differences ?? listDifferences(wanted, actual)).map((line) => `  ${line}`),
      header === null ? 'It has no WWW-Authenticate header.' : `WWW-Authenticate: ${header}`,
    ].join('\n'),
    actual,
    expected: wanted,
    operator: 'expectChallenge',
    stackStartFn: expectChallenge,
  });

  /** A challenge of another scheme is never the near miss that a reader looks for. */
  function rank({ actual: members, differences }: (typeof candidates)[number]): number {
    return differences.length + (members['scheme'] === wanted['scheme'] ? 0 : 1000);
  }
}

function describeExpected(expected: ExpectedChallenge): Members {
  const members: Record<string, string | number | null | undefined> = {
    status: expected.status,
    scheme: expected.scheme.toLowerCase(),
    error: expected.error,
    scope: normalizeScope(expected.scope),
    resource_metadata:
      expected.resourceMetadata instanceof URL ? expected.resourceMetadata.href : expected.resourceMetadata,
    ...expected.parameters,
  };
  return Object.fromEntries(
    Object.entries(members).filter(
      (entry): entry is [string, string | number | null] => entry[1] !== undefined,
    ),
  );
}

function describeActual({ status }: ResponseLike, challenge: Challenge, wanted: Members): Members {
  const { scheme, parameters } = challenge;
  const actual: Members = {};
  for (const name of Object.keys(wanted)) {
    if (name === 'status') actual[name] = status;
    else if (name === 'scheme') actual[name] = scheme === '' ? null : scheme.toLowerCase();
    else if (name === 'scope') actual[name] = normalizeScope(parameters[name]) ?? null;
    else actual[name] = parameters[name] ?? null;
  }
  return actual;
}

function listDifferences(wanted: Members, actual: Members): string[] {
  return Object.keys(wanted)
    .filter((name) => wanted[name] !== actual[name])
    .map((name) => `${name}: expected ${show(wanted[name])}, received ${show(actual[name])}`);
}

function show(value: string | number | null | undefined): string {
  return value === null || value === undefined ? 'nothing' : JSON.stringify(value);
}

function normalizeScope(scope: ExpectedChallenge['scope']): string | null | undefined {
  if (scope === null || scope === undefined) return scope;
  const scopes = typeof scope === 'string' ? scope.split(' ') : [...scope];
  return scopes
    .filter((name) => name !== '')
    .toSorted()
    .join(' ');
}
