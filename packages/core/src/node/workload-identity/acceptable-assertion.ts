import { AssertionSourceError, type AssertionRequest } from '../../client/grants/assertion-source.ts';
import { printable } from '../../printable-text.ts';

/** The longest assertion that is taken, in characters. */
const MAX_ASSERTION_LENGTH = 16_384;

const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** What an assertion has to be, and what to say where it is not. */
export interface AssertionExpectation {
  /** Name of the source, for the message. */
  readonly source: string;
  /** Where the assertion was found, for the message. */
  readonly from: string;
  /** Has to be among its audiences. */
  readonly audience: string;
  /** What a person can do where it is not. */
  readonly audienceHint: string;
  /** Its subject, where that is known beforehand. */
  readonly subject?: string | undefined;
}

/**
 * Judges what a source gave: a compact JWS that can be read, has not expired and is made for the audience.
 * White space around it is dropped. It is concealed as soon as it looks like one.
 *
 * Does not verify the signature, and takes further audiences beside the one demanded: both are up to the
 * authorization server.
 *
 * @throws AssertionSourceError, whose message shows of the assertion its audience, its subject and its age
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-3 | RFC 7523 §3}
 */
export function acceptAssertion(
  text: string,
  { source, from, audience, audienceHint, subject }: AssertionExpectation,
  { now, conceal }: Pick<AssertionRequest, 'now' | 'conceal'>,
): string {
  const fail = (expected: string, received: string, hint: string, passing: boolean): AssertionSourceError =>
    new AssertionSourceError(source, { from, expected, received, hint, passing });
  const assertion = text.trim();
  const expectedForm = `a signed JWT of at most ${MAX_ASSERTION_LENGTH} characters, and nothing else`;
  const claims = assertion.length > MAX_ASSERTION_LENGTH ? undefined : readClaims(assertion, conceal);
  if (claims === undefined) {
    throw fail(expectedForm, describeForm(assertion), 'Look at what is there by hand.', true);
  }
  const { exp, aud, sub } = claims;
  if (typeof exp !== 'number' || !Number.isFinite(exp)) {
    throw fail('an expiry time ("exp")', 'none', 'No authorization server takes a JWT without one.', false);
  }
  const ageSeconds = now() / 1000 - exp;
  if (ageSeconds >= 0) {
    throw fail(
      'a token that is still valid',
      `one that expired ${Math.ceil(ageSeconds)} s ago`,
      'Whoever renews it has stopped, or the clock of this machine is wrong.',
      true,
    );
  }
  if (!(Array.isArray(aud) ? aud : [aud]).includes(audience)) {
    const received = aud === undefined ? 'one without audience' : `one for ${printable(aud)}`;
    throw fail(`a token for the audience ${printable(audience)}`, received, audienceHint, false);
  }
  if (subject !== undefined && sub !== subject) {
    const received = sub === undefined ? 'one without subject' : `one for ${printable(sub)}`;
    throw fail(
      `a token for the subject ${printable(subject)}`,
      received,
      'Choose the other identity.',
      false,
    );
  }
  return assertion;
}

function readClaims(
  assertion: string,
  conceal: (value: string) => void,
): Readonly<Record<string, unknown>> | undefined {
  if (!COMPACT_JWS.test(assertion)) return undefined;
  conceal(assertion);
  const [header, payload] = assertion.split('.').map(decodeObject);
  return header === undefined ? undefined : payload;
}

function decodeObject(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const bytes = Buffer.from(part, 'base64url');
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    // The parser's own message quotes what it read.
    return undefined;
  }
}

/** Names what is no assertion, and shows nothing of it: it may be a secret of another kind. */
function describeForm(text: string): string {
  if (text === '') return 'nothing';
  if (text.startsWith('<')) return 'an HTML or XML document';
  if (text.startsWith('{') || text.startsWith('[')) return 'a JSON document';
  if (/^[\w-]+(?:\.[\w-]*){4}$/.test(text)) return 'an encrypted JWT';
  if (/^[\w-]+\.[\w-]+\.$/.test(text)) return 'an unsigned JWT';
  return `a text of ${text.length} characters that is no JWT`;
}
