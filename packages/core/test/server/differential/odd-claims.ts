import * as fc from 'fast-check';
import { ISSUER, NOW, RESOURCE } from './build-token.ts';
import { oddJson, otherName, setMember } from './odd-members.ts';

const times = [-301, -300, -60, -31, -30, -29.5, -29, -1, 0, 0.5, 1, 29, 30, 30.5, 31, 300].map((offset) =>
  String(NOW + offset),
);
const time = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...times) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      String(NOW * 1000),
      '1e11',
      '99999999999',
      '1.8e9',
      '1e400',
      '1e-400',
      '-0',
      '"1800000300"',
    ),
  },
  { weight: 1, arbitrary: oddJson },
);

const audience = fc.oneof(
  fc
    .constantFrom(RESOURCE, `${RESOURCE}/`, `${RESOURCE}2`, RESOURCE.toUpperCase(), 'https://mcp.example.com')
    .map((text) => JSON.stringify(text)),
  {
    weight: 3,
    arbitrary: fc
      .array(
        fc.constantFrom<unknown>(RESOURCE, RESOURCE, 'https://other.example', 7, null, [RESOURCE], {}, ''),
        {
          maxLength: 3,
        },
      )
      .map((values) => JSON.stringify(values)),
  },
  fc.constantFrom(
    JSON.stringify([[RESOURCE]]),
    JSON.stringify({ [RESOURCE]: true }),
    JSON.stringify(` ${RESOURCE}`),
  ),
  oddJson,
);

const issuer = fc.oneof(
  fc
    .constantFrom(`${ISSUER}/`, ISSUER.toUpperCase(), 'https://evil.example', `${ISSUER}?`, ` ${ISSUER}`)
    .map((text) => JSON.stringify(text)),
  fc.constantFrom(JSON.stringify([ISSUER]), JSON.stringify({ iss: ISSUER })),
  oddJson,
);

const text = fc.oneof(fc.constantFrom('"someone-else"', '"nightly-report"', '["nightly-report"]'), oddJson);

const confirmation = fc.constantFrom(
  '{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}',
  '{"jkt":7}',
  '{}',
  '"x"',
  'null',
  '[]',
  '{"x5t#S256":"bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"}',
  '{"kid":"x"}',
  '{"jkt":"x","x5t#S256":"y"}',
);
const actor = fc.constantFrom(
  '{"sub":"a"}',
  '{"sub":"a","act":{"sub":"b"}}',
  '{"act":null}',
  '"a"',
  '[]',
  'null',
  '7',
);
const scope = fc.oneof(
  fc.constantFrom(
    '"a b"',
    '"a  b"',
    '""',
    '"a\\"b"',
    '"a\\\\b"',
    '["a"]',
    '7',
    '{}',
    'null',
    '"\\u00fc"',
    '"a\\tb"',
  ),
  oddJson,
);

const CLAIM_VALUES: readonly (readonly [string, fc.Arbitrary<string>])[] = [
  ...['exp', 'nbf', 'iat'].map((name) => [name, time] as const),
  ['aud', audience],
  ['iss', issuer],
  ...['sub', 'client_id', 'jti'].map((name) => [name, text] as const),
  ['scope', scope],
  ['cnf', confirmation],
  ['act', actor],
];
/** One claim that departs from the valid ones. */
export const oddClaims = fc.oneof(
  ...CLAIM_VALUES.map(([name, json]) => ({ weight: 2, arbitrary: setMember('claims', name, json) })),
  { weight: 2, arbitrary: otherName.chain((name) => setMember('claims', name, oddJson)) },
);
