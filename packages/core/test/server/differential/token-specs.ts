import * as fc from 'fast-check';
import { NOW, RESOURCE } from './build-token.ts';
import { oddClaims } from './odd-claims.ts';
import { oddHeaders } from './odd-headers.ts';
import { oddJson } from './odd-members.ts';
import type { SignerName } from './published-keys.ts';
import type { Mutation, TokenSpec } from './token-spec.ts';

const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'HS256',
  'HS512',
  'none',
  'NoNe',
  'es256',
  'ES256K',
  'Ed448',
  'RSA-OAEP',
  'ML-DSA-44',
  '',
];

const signer: fc.Arbitrary<SignerName> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<SignerName>('es256', 'eddsa') },
  {
    weight: 4,
    arbitrary: fc.constantFrom<SignerName>(
      'es256-second',
      'es256-plain',
      'ed25519-plain',
      'rs256',
      'rsa-plain',
      'ps256',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<SignerName>(
      'es256-verify-only',
      'es256-for-encryption',
      'es256-for-signing-only',
      'es256-leaked',
      'es256-namesake',
      'es384-twice',
      'es512',
      'rsa-weak',
      'stranger',
    ),
  },
);

const place = fc.constantFrom<'header' | 'claims'>('header', 'claims');
const repetition: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({
    at: fc.constant<'claims'>('claims'),
    repeat: fc.constantFrom('aud', 'iss', 'exp', 'sub', 'x'),
    json: fc.oneof(
      fc.constantFrom('"https://evil.example"', JSON.stringify(RESOURCE), String(NOW + 300)),
      oddJson,
    ),
    first: fc.boolean(),
  }),
  fc.record({
    at: fc.constant<'header'>('header'),
    repeat: fc.constantFrom('alg', 'kid', 'typ'),
    json: fc.constantFrom('"none"', '"ES256"', '"EdDSA"', '"es256"', '"JWT"', '"at+jwt"'),
    first: fc.boolean(),
  }),
);
const rewrite: fc.Arbitrary<Mutation> = fc.record({
  at: place,
  text: fc.constantFrom(
    'spaced',
    'escaped',
    'byte-order-mark',
    'bad-utf8',
    'array',
    'null',
    'junk-behind',
    'second-object',
    'trailing-comma',
    'comment',
    'long',
  ),
});
const respelling: fc.Arbitrary<Mutation> = fc.record({
  at: fc.constant<'part'>('part'),
  part: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
  spelling: fc.constantFrom(
    'padding',
    'other-alphabet',
    'unused-bits',
    ' ',
    '\t',
    '\n',
    '\u00a0',
    '!',
    'empty',
  ),
  signed: fc.boolean(),
});
const signatureForm: fc.Arbitrary<Mutation> = fc.record({
  at: fc.constant<'signature'>('signature'),
  form: fc.constantFrom(
    'der',
    'truncated',
    'extended',
    'zero',
    'r-zero',
    's-zero',
    'r-is-order',
    's-is-order',
    's-plus-order',
    's-negated',
    'bit-flipped',
    'of-other-input',
  ),
});
const algorithm: fc.Arbitrary<Mutation> = fc.record({
  at: fc.constant<'algorithm'>('algorithm'),
  name: fc.constantFrom(...ALGORITHMS),
  sign: fc.constantFrom(
    'as-named',
    'as-named',
    'as-before',
    'hmac-with-public-key',
    'hmac-with-nothing',
    'not-at-all',
  ),
});
const shape: fc.Arbitrary<Mutation> = fc.record({
  at: fc.constant<'token'>('token'),
  shape: fc.constantFrom(
    'two-parts',
    'four-parts',
    'five-parts',
    'trailing-dot',
    'json',
    'flattened',
    'detached',
    'nested',
  ),
});
const character: fc.Arbitrary<Mutation> = fc.record({
  at: fc.constant<'character'>('character'),
  position: fc.nat(2000),
  character: fc.constantFrom('A', 'B', 'z', '0', '-', '_', '.', '=', '+', ' ', '\n', '\u0000', 'é', '"'),
});

const mutation = fc.oneof(
  { weight: 10, arbitrary: oddClaims },
  { weight: 5, arbitrary: oddHeaders },
  { weight: 2, arbitrary: repetition },
  { weight: 2, arbitrary: rewrite },
  { weight: 2, arbitrary: respelling },
  { weight: 2, arbitrary: signatureForm },
  { weight: 3, arbitrary: algorithm },
  { weight: 1, arbitrary: shape },
  { weight: 1, arbitrary: character },
);

/** Keys with another of the algorithms that fit their type, and tokens that leave the choice of the key open. */
const relatedAlgorithm: fc.Arbitrary<TokenSpec> = fc
  .tuple(
    fc.constantFrom<readonly [SignerName, ...string[]]>(
      ['rsa-plain', 'RS384', 'RS512', 'PS256', 'PS384'],
      ['rs256', 'RS256', 'RS512', 'PS256'],
      ['ps256', 'PS256', 'RS256', 'PS384'],
      ['eddsa', 'EdDSA', 'Ed25519'],
      ['ed25519-plain', 'EdDSA', 'Ed25519'],
      ['es384-twice', 'ES384', 'ES256'],
      ['es512', 'ES512', 'ES384'],
    ),
    fc.nat(),
    fc.boolean(),
  )
  .map(([[name, ...algorithms], pick, isNamed]) => ({
    signer: name,
    mutations: [
      { at: 'algorithm', name: algorithms[pick % algorithms.length] ?? '', sign: 'as-named' },
      ...(isNamed ? [] : [{ at: 'header', set: 'kid', json: undefined } as const]),
    ],
  }));

/** Tokens that are valid, or depart from validity in one way, seldom in two or three. */
export const tokenSpecs: fc.Arbitrary<TokenSpec> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ signer, mutations: fc.constant([]) }) },
  { weight: 1, arbitrary: relatedAlgorithm },
  {
    weight: 14,
    arbitrary: fc.record({ signer, mutations: fc.array(mutation, { minLength: 1, maxLength: 1 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ signer, mutations: fc.array(mutation, { minLength: 2, maxLength: 3 }) }),
  },
);
