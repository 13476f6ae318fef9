import type { RefusalReason } from '../../../src/server/refusal-reason.ts';
import { NOW } from './build-token.ts';
import { hasRepeatedMember, valuesWithin, type TokenView } from './token-view.ts';

/** A kind of token about which we and a peer disagree, and why. */
export interface ExplainedClass {
  readonly name: string;
  /** The reasons that we refuse such a token for; none for tokens that we accept and a peer refuses. */
  readonly reasons: readonly RefusalReason[];
  readonly holds: (view: TokenView) => boolean;
  readonly because: string;
  readonly reference: string;
}

const IDENTIFYING = ['sub', 'client_id', 'jti'];
const TIMES = ['exp', 'nbf', 'iat'];
const RSA_PLAIN = 'rsa-plain';

const someValue = (
  { header, claims }: TokenView,
  test: (value: unknown, depth: number) => boolean,
): boolean => [...valuesWithin(header), ...valuesWithin(claims)].some(([value, depth]) => test(value, depth));
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isIllFormed = (value: unknown): boolean => typeof value === 'string' && !value.isWellFormed();

/** Tokens that a peer accepts and we refuse. */
export const STRICTER_HERE: readonly ExplainedClass[] = [
  {
    name: 'repeated member',
    reasons: ['token_malformed'],
    holds: ({ texts, header, claims }) =>
      hasRepeatedMember(texts[0] ?? '', header) || hasRepeatedMember(texts[1] ?? '', claims),
    because: 'Two readers may take different values of a name for the one that counts.',
    reference: 'RFC 7515 §4 and RFC 7519 §4 (names must be unique), RFC 8725 §2.4',
  },
  {
    name: 'number beyond all bounds',
    reasons: ['token_malformed'],
    holds: (view) => someValue(view, (value) => typeof value === 'number' && !Number.isFinite(value)),
    because: 'It is read as infinity, which is a time that never comes, or never passes.',
    reference: 'RFC 7519 §2 (NumericDate), RFC 8259 §6',
  },
  {
    name: 'lone surrogate',
    reasons: ['token_malformed'],
    holds: (view) =>
      someValue(
        view,
        (value) => isIllFormed(value) || (isObject(value) && Object.keys(value).some(isIllFormed)),
      ),
    because: 'Readers replace it differently, so that two names or subjects become one.',
    reference: 'RFC 8259 §8.2, RFC 7493 §2.1',
  },
  {
    name: 'deep nesting',
    reasons: ['token_malformed'],
    holds: (view) =>
      someValue(view, (value, depth) => typeof value === 'object' && value !== null && depth > 12),
    because: 'No claim needs it, and every reader behind us would have to bear it.',
    reference: 'RFC 8259 §9 (limits on depth)',
  },
  {
    name: 'long token',
    reasons: ['token_malformed'],
    holds: ({ token }) => token.length > 8192,
    because: 'Work is bounded before anything is decoded or verified.',
    reference: 'RFC 9110 §5.4 (limits on field length)',
  },
  {
    name: 'byte order mark',
    reasons: ['token_malformed'],
    holds: ({ bytes }) => bytes.some((part) => part.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]))),
    because: 'It must not be written, and whether it is skipped differs from reader to reader.',
    reference: 'RFC 8259 §8.1',
  },
  {
    name: 'bad UTF-8',
    reasons: ['token_malformed'],
    holds: ({ bytes }) => bytes.some((part) => !part.equals(Buffer.from(part.toString('utf8')))),
    because: 'The replacement character makes different bytes the same claim.',
    reference: 'RFC 7519 §7.2 (claims are UTF-8), RFC 8259 §8.1',
  },
  {
    name: 'characters outside base64url',
    reasons: ['token_malformed'],
    holds: ({ token }) => /[^A-Za-z0-9_.-]/.test(token),
    because: 'Padding, white space and the other alphabet give one token many spellings.',
    reference: 'RFC 7515 §2 (base64url without padding, line breaks or white space), RFC 4648 §3.3',
  },
  {
    name: 'unused bits of base64url',
    reasons: ['token_malformed'],
    holds: ({ parts }) =>
      parts.some(
        (part) => /^[\w-]+$/.test(part) && Buffer.from(part, 'base64url').toString('base64url') !== part,
      ),
    because: 'Bits that no byte is made of give one signature several spellings.',
    reference: 'RFC 4648 §3.5',
  },
  {
    name: 'critical extension',
    reasons: ['token_malformed'],
    holds: ({ header }) => header.crit !== undefined || header.b64 !== undefined,
    because: 'No extension is understood here, and an unencoded payload is never allowed in a JWT.',
    reference: 'RFC 7515 §4.1.11, RFC 7797 §6 and §7',
  },
  {
    name: 'encryption, compression or nesting named',
    reasons: ['token_malformed'],
    holds: ({ header }) => ['zip', 'enc', 'cty'].some((name) => header[name] !== undefined),
    because: 'They say how content is to be read that a signed access token does not have.',
    reference: 'RFC 7516 §4.1, RFC 7519 §5.2',
  },
  {
    name: 'RSA key without an algorithm, used with another than RS256',
    reasons: ['key_unknown'],
    holds: ({ header }) => header.kid === RSA_PLAIN && /^(?:RS384|RS512|PS\d+)$/.test(String(header.alg)),
    because: 'A key is used with one algorithm, whether or not its issuer names it.',
    reference: 'RFC 8725 §3.1 (each key with exactly one algorithm)',
  },
  {
    name: 'no key id, and two keys on the curve of Ed25519',
    reasons: ['key_ambiguous'],
    holds: ({ header }) => header.kid === undefined && header.alg === 'Ed25519',
    because: 'A key that says EdDSA is a candidate too, since both names mean the same algorithm.',
    reference: 'RFC 9864 §2.2, RFC 7517 §4.5',
  },
  {
    name: 'identifying claim that is no text',
    reasons: ['claim_invalid'],
    holds: ({ claims }) =>
      IDENTIFYING.some((name) => typeof claims[name] !== 'string' || claims[name] === ''),
    because: 'Access is decided by it: a number, an array or nothing names nobody.',
    reference: 'RFC 7519 §4.1.2 and §4.1.7, RFC 9068 §2.2, RFC 8693 §4.3',
  },
  {
    name: 'time that is no date',
    reasons: ['claim_invalid'],
    holds: ({ claims }) =>
      TIMES.some((name) => {
        const value = claims[name];
        return typeof value === 'number' && (value < 0 || value >= 1e11);
      }),
    because: 'Milliseconds taken for seconds make a token that lives for fifty thousand years.',
    reference: 'RFC 7519 §2 (NumericDate: seconds since 1970)',
  },
  {
    name: 'issued in the future',
    reasons: ['token_not_yet_valid'],
    holds: ({ claims }) => typeof claims.iat === 'number' && claims.iat > NOW + 30,
    because: 'Nobody can have issued it yet: a clock is wrong, or the token was made to outlive its key.',
    reference: 'RFC 7519 §4.1.6, RFC 9068 §4',
  },
  {
    name: 'audience with something that is no text',
    reasons: ['claim_invalid'],
    holds: ({ claims }) => Array.isArray(claims.aud) && claims.aud.some((entry) => typeof entry !== 'string'),
    because: 'What is not an array of texts is not an audience, whatever one of its entries is.',
    reference: 'RFC 7519 §4.1.3',
  },
  {
    name: 'scope that is none',
    reasons: ['claim_invalid'],
    holds: ({ claims }) =>
      claims.scope !== undefined &&
      !(typeof claims.scope === 'string' && /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(claims.scope)),
    because: 'The policy reads it; an array or a number would be read as a permission by accident.',
    reference: 'RFC 6749 §3.3, RFC 8693 §4.2',
  },
  {
    name: 'bound to a key or a certificate',
    reasons: ['sender_constraint_unmet', 'claim_invalid'],
    holds: ({ claims }) => claims.cnf !== undefined,
    because:
      'A bound token as a mere bearer token was stolen; a binding that is not understood is not ignored.',
    reference: 'RFC 9449 §7.2, RFC 8705 §3, RFC 7800 §3.1',
  },
  {
    name: 'actor that is none',
    reasons: ['claim_invalid'],
    holds: ({ claims }) =>
      [...valuesWithin({ act: claims.act })].some(
        ([value]) => isObject(value) && 'act' in value && value.act !== undefined && !isObject(value.act),
      ),
    because: 'A delegated token must not pass for one of the subject itself.',
    reference: 'RFC 8693 §4.1',
  },
];

/** Tokens that we accept and a peer refuses. In each a valid signature of the issuer was made by a sound key. */
export const STRICTER_ELSEWHERE: readonly ExplainedClass[] = [
  {
    name: 'two names of Ed25519',
    reasons: [],
    holds: ({ header }) => header.kid === 'eddsa' && header.alg === 'Ed25519',
    because: 'The key says EdDSA, the token Ed25519: for a key on that curve it is the same algorithm.',
    reference: 'RFC 9864 §2.2 and §4.1',
  },
  {
    name: 'key that is published twice',
    reasons: [],
    holds: ({ header }) =>
      header.alg === 'ES384' && (header.kid === undefined || header.kid === 'es384-twice'),
    because: 'The same key in two entries is one key, and there is nothing to choose.',
    reference: 'RFC 7517 §4.5 (different keys should have different ids)',
  },
  {
    name: 'no key id, and one key for the algorithm',
    reasons: [],
    holds: ({ header }) => header.kid === undefined && header.alg === 'PS256',
    because: 'Keys of which each has one algorithm leave one candidate, where a peer sees several.',
    reference: 'RFC 8725 §3.1, RFC 7515 §4.1.4 (the key id is a hint)',
  },
];
