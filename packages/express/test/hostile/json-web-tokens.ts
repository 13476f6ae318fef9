import type { RefusalReason } from '@mcp-m2m/express';
import type { SigningKey, TestAuthority } from '@mcp-m2m/testing';
import type { CraftedTokens } from './crafted-tokens.ts';
import { selfSignedCertificate } from './self-signed-certificate.ts';

const MALFORMED = 'token_malformed';
const ALGORITHM = 'algorithm_not_allowed';
const TYPE = 'token_type_not_allowed';
const UNKNOWN = 'key_unknown';
const SIGNATURE = 'signature_invalid';
const LINK_LOCAL = 'http://169.254.169.254/jwks';
const EVIL_AUDIENCE = '"aud":"https://evil.example"';
// The last character of 64 bytes in base64url carries four unused bits.
const NEXT_CHARACTER: Readonly<Record<string, string>> = { A: 'B', Q: 'R', g: 'h', w: 'x' };

/** What a row makes its token of. */
export interface HostileWorld extends CraftedTokens {
  readonly mint: TestAuthority['mint'];
  readonly authority: TestAuthority;
  readonly rsaKey: SigningKey;
  readonly attacker: SigningKey;
  readonly canaryUrl: string;
}
/** A token, and why it is refused. */
export type HostileToken = readonly [
  name: string,
  reason: RefusalReason,
  token: (world: HostileWorld) => string | Promise<string>,
];

export const HOSTILE_TOKENS: readonly HostileToken[] = [
  ['J1: alg none', MALFORMED, ({ mint }) => mint({}, { algorithm: 'none' })],
  [
    'J2: alg NoNe without signature',
    MALFORMED,
    ({ mint }) => mint({}, { algorithm: 'none', header: { alg: 'NoNe' } }),
  ],
  ['J2: alg NoNe with signature', ALGORITHM, ({ withHeader }) => withHeader({ alg: 'NoNe' })],
  ['J3: alg none with a valid signature', ALGORITHM, ({ withHeader }) => withHeader({ alg: 'none' })],
  ['J4: alg missing', MALFORMED, ({ withHeader }) => withHeader({ alg: undefined })],
  ['J4: alg an array', MALFORMED, ({ withHeader }) => withHeader({ alg: ['ES256'] })],
  ['J4: alg null', MALFORMED, ({ withHeader }) => withHeader({ alg: null })],
  ['J4: alg empty', ALGORITHM, ({ withHeader }) => withHeader({ alg: '' })],
  ['J4: alg in lower case', ALGORITHM, ({ withHeader }) => withHeader({ alg: 'es256' })],
  ['J5: HS256 keyed with the public PEM', ALGORITHM, ({ hmacWithPem }) => hmacWithPem()],
  ['J5: HS256 keyed with the public DER', ALGORITHM, ({ hmacWithDer }) => hmacWithDer()],
  ['J5: HS256 keyed with the public JWK', ALGORITHM, ({ hmacWithJwk }) => hmacWithJwk()],
  ['J7: HS256 with an empty key', ALGORITHM, ({ hmac }) => hmac('')],
  ['J7: HS256 with an empty key and an unknown kid', ALGORITHM, ({ hmac }) => hmac('', { kid: 'unknown' })],
  [
    'J8: alg differs from that of the JWK',
    UNKNOWN,
    ({ mint, rsaKey }) => mint({}, { key: rsaKey, algorithm: 'PS256' }),
  ],
  [
    'J9: kid of a key of another type',
    UNKNOWN,
    ({ withHeader, rsaKey }) => withHeader({ kid: rsaKey.keyId }),
  ],
  [
    'J10: embedded jwk of the attacker',
    UNKNOWN,
    ({ forged, attacker }) => forged({ jwk: attacker.publicJwk }),
  ],
  [
    'J10: embedded jwk under a kid of ours',
    SIGNATURE,
    ({ forged, header, attacker }) => forged({ ...header(), jwk: attacker.publicJwk }),
  ],
  [
    'J11: jku and x5u at the link-local address',
    UNKNOWN,
    ({ forged }) => forged({ jku: LINK_LOCAL, x5u: LINK_LOCAL }),
  ],
  [
    'J11: jku and x5u that serve the attacker’s key',
    UNKNOWN,
    ({ forged, canaryUrl: url }) => forged({ jku: url, x5u: url }),
  ],
  [
    'J11: jku under a kid of ours',
    SIGNATURE,
    ({ forged, header, canaryUrl: jku }) => forged({ ...header(), jku }),
  ],
  [
    'J12: x5c with a self-signed certificate',
    UNKNOWN,
    ({ forged, attacker }) => forged({ x5c: [selfSignedCertificate(attacker).toString('base64')] }),
  ],
  [
    'J13: crit with an unknown extension',
    MALFORMED,
    ({ withHeader }) => withHeader({ crit: ['urn:x'], 'urn:x': true }),
  ],
  ['J13: crit that names a known parameter', MALFORMED, ({ withHeader }) => withHeader({ crit: ['alg'] })],
  ['J14: crit empty', MALFORMED, ({ withHeader }) => withHeader({ crit: [] })],
  ['J16: b64 false without crit', MALFORMED, ({ withHeader }) => withHeader({ b64: false })],
  ['J17: b64 false with crit', MALFORMED, ({ withHeader }) => withHeader({ b64: false, crit: ['b64'] })],
  [
    'J18: kid that climbs directories',
    UNKNOWN,
    ({ forged }) => forged({ kid: '../../../../../../dev/null' }),
  ],
  ['J19: kid with SQL', UNKNOWN, ({ forged }) => forged({ kid: "x' UNION SELECT 'key' --" })],
  ['J20: kid __proto__', UNKNOWN, ({ forged }) => forged({ kid: '__proto__' })],
  ['J20: kid constructor', UNKNOWN, ({ forged }) => forged({ kid: 'constructor' })],
  ['J21: kid a number', MALFORMED, ({ withHeader }) => withHeader({ kid: 7 })],
  ['J21: kid an array', MALFORMED, ({ withHeader, header }) => withHeader({ kid: [header().kid] })],
  ['J21: kid null', MALFORMED, ({ withHeader }) => withHeader({ kid: null })],
  ['J21: kid of 600 characters', MALFORMED, ({ withHeader }) => withHeader({ kid: 'k'.repeat(600) })],
  ['J21: kid of 10 kB', MALFORMED, ({ withHeader }) => withHeader({ kid: 'k'.repeat(10_000) })],
  [
    'J22: kid absent while several keys fit',
    'key_ambiguous',
    ({ withHeader }) => withHeader({ kid: undefined }),
  ],
  [
    'J24: aud twice, evil first',
    MALFORMED,
    ({ withChangedPayload }) => withChangedPayload((json) => json.replace('{', `{${EVIL_AUDIENCE},`)),
  ],
  [
    'J24: aud twice, evil last',
    MALFORMED,
    ({ withChangedPayload }) => withChangedPayload((json) => json.replace(/}$/, `,${EVIL_AUDIENCE}}`)),
  ],
  [
    'J24: aud twice, one of them escaped',
    MALFORMED,
    ({ withChangedPayload }) => withChangedPayload((json) => json.replace('{', '{"\\u0061ud":"x",')),
  ],
  [
    'J24: a duplicate deep inside',
    MALFORMED,
    ({ withChangedPayload }) => withChangedPayload((json) => json.replace('{', '{"x":[{"y":1,"y":2}],')),
  ],
  [
    'J24: alg twice in the header',
    MALFORMED,
    ({ authority, header, claims }) =>
      authority.mintRaw({
        header: JSON.stringify(header()).replace('{', '{"alg":"none",'),
        payload: claims(),
      }),
  ],
  ['J26: typ missing', TYPE, ({ mint }) => mint({}, { typ: null })],
  ['J26: typ JWT', TYPE, ({ mint }) => mint({}, { typ: 'JWT' })],
  ['J26: typ an array', TYPE, ({ withHeader }) => withHeader({ typ: ['at+jwt'] })],
  ['J27: ID token of a provider', TYPE, ({ authority }) => authority.mintAs('google-id-token')],
  [
    'J27: ID token dressed as an access token',
    'claim_missing',
    ({ mint }) => mint({ client_id: undefined, scope: undefined, nonce: 'n' }),
  ],
  ['J28: typ dpop+jwt', TYPE, ({ mint }) => mint({}, { typ: 'dpop+jwt' })],
  ['J28: typ oauth-id-jag+jwt', TYPE, ({ mint }) => mint({}, { typ: 'oauth-id-jag+jwt' })],
  ['J28: typ client-authentication+jwt', TYPE, ({ mint }) => mint({}, { typ: 'client-authentication+jwt' })],
  ['J28: typ that begins like ours', TYPE, ({ mint }) => mint({}, { typ: 'at+jwt;v=2' })],
  ['J29: five-part JWE', MALFORMED, ({ encrypted }) => encrypted()],
  [
    'J30: nested token with cty JWT',
    MALFORMED,
    ({ authority, header }) =>
      authority.mintRaw({ header: { ...header(), cty: 'JWT' }, payload: authority.mint() }),
  ],
  ['J30: cty JWT over plain claims', MALFORMED, ({ withHeader }) => withHeader({ cty: 'JWT' })],
  ['J31: flattened JSON serialization', MALFORMED, ({ serializedAsJson }) => serializedAsJson()],
  ['J32: two parts', MALFORMED, ({ parts }) => parts().slice(0, 2).join('.')],
  ['J32: four parts', MALFORMED, ({ mint }) => `${mint()}.e30`],
  ['J32: dots alone', MALFORMED, () => '..'],
  ['J32: trailing dot', MALFORMED, ({ mint }) => `${mint()}.`],
  ['J32: leading dot', MALFORMED, ({ mint }) => `.${mint()}`],
  ['J33: padded with =', MALFORMED, ({ mint }) => `${mint()}==`],
  ['J33: header padded with =', MALFORMED, ({ mint }) => mint().replace('.', '=.')],
  ['J34: the + and / alphabet', MALFORMED, ({ inOrdinaryBase64 }) => inOrdinaryBase64()],
  ['J35: space between the parts', MALFORMED, ({ mint }) => mint().replace('.', '. ')],
  ['J35: tab between the parts', MALFORMED, ({ mint }) => mint().replace('.', '.\t')],
  ['J35: space inside a part', MALFORMED, ({ mint }) => mint().replace(/^(.{20})/, '$1 ')],
  ['J35: no-break space at the end', MALFORMED, ({ mint }) => `${mint()}\u00a0`],
  ['J37: ECDSA signature in DER', SIGNATURE, ({ signedInDer }) => signedInDer()],
  [
    'J39: truncated signature',
    SIGNATURE,
    ({ withSignature }) => withSignature((valid) => valid.subarray(0, 63)),
  ],
  [
    'J39: lengthened signature',
    SIGNATURE,
    ({ withSignature }) => withSignature((valid) => Buffer.concat([valid, Buffer.alloc(1)])),
  ],
  ['J39: signature of zeros', SIGNATURE, ({ withSignature }) => withSignature(() => new Uint8Array(64))],
  ['J39: empty signature', MALFORMED, ({ withSignature }) => withSignature(() => new Uint8Array())],
  [
    'J39: unused bits of the signature set',
    MALFORMED,
    ({ mint }) => mint().replace(/.$/, (last) => NEXT_CHARACTER[last] ?? ''),
  ],
  ['J40: payload an array', MALFORMED, ({ withChangedPayload }) => withChangedPayload((json) => `[${json}]`)],
  ['J40: payload null', MALFORMED, ({ withPayload }) => withPayload('null')],
  ['J40: payload empty', MALFORMED, ({ withPayload }) => withPayload('')],
  [
    'J41: junk behind the JSON',
    MALFORMED,
    ({ withChangedPayload }) => withChangedPayload((json) => `${json}x`),
  ],
  [
    'J41: a second object behind the JSON',
    MALFORMED,
    ({ withChangedPayload }) => withChangedPayload((json) => `${json}{}`),
  ],
  [
    'J41: a byte order mark before the JSON',
    MALFORMED,
    ({ withChangedPayload }) => withChangedPayload((json) => `\ufeff${json}`),
  ],
  [
    'J43: bad UTF-8',
    MALFORMED,
    ({ withPayload, claims }) =>
      withPayload(Buffer.from(JSON.stringify({ ...claims(), name: 'ÿ' }), 'latin1')),
  ],
  [
    'J43: overlong UTF-8',
    MALFORMED,
    ({ withPayload }) => withPayload(Buffer.from('7b2261223a22c0af227d', 'hex')),
  ],
  [
    'J44: lone surrogate in a value',
    MALFORMED,
    ({ withPayload, claims }) => withPayload(JSON.stringify({ ...claims(), name: '\ud800' })),
  ],
  [
    'J44: lone surrogate in a name',
    MALFORMED,
    ({ withPayload, claims }) => withPayload(JSON.stringify({ ...claims(), '\udc00': 1 })),
  ],
  ['J47: longer than 8 kB', MALFORMED, ({ mint }) => mint({ filler: 'x'.repeat(8192) })],
];
