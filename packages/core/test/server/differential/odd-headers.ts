import * as fc from 'fast-check';
import { oddJson, otherName, setMember } from './odd-members.ts';
import type { Mutation } from './token-spec.ts';

const type = fc.oneof(
  fc.constantFrom(
    '"AT+JWT"',
    '"application/at+jwt"',
    '"APPLICATION/AT+JWT"',
    '"at+jwt "',
    '"JWT"',
    '"dpop+jwt"',
  ),
  fc.constantFrom(
    '"oauth-id-jag+jwt"',
    '"jwt"',
    '"x/at+jwt"',
    '["at+jwt"]',
    '"application/application/at+jwt"',
  ),
  oddJson,
);
const keyId = fc.oneof(
  fc
    .constantFrom(
      'es256',
      'es256-second',
      'es384-twice',
      'rs256',
      'rsa-plain',
      'ps256',
      'eddsa',
      'secret',
      'stranger',
    )
    .map((name) => JSON.stringify(name)),
  fc.constantFrom(
    '"__proto__"',
    '"../../etc/passwd"',
    '"\' or 1=1 --"',
    '["es256"]',
    '0',
    `"${'k'.repeat(600)}"`,
  ),
  oddJson,
);
const extension = fc.constantFrom<readonly [string, string]>(
  ['crit', '["b64"]'],
  ['crit', '["exp"]'],
  ['crit', '[]'],
  ['crit', 'null'],
  ['b64', 'false'],
  ['b64', 'true'],
  ['zip', '"DEF"'],
  ['enc', '"A256GCM"'],
  ['cty', '"JWT"'],
  ['jku', '"http://169.254.169.254/"'],
  ['x5u', '"http://169.254.169.254/"'],
  ['x5c', '["AAAA"]'],
  ['jwk', '{"kty":"oct","k":"AAAA"}'],
  ['nonce', '"x"'],
);
/** One header parameter that departs from the valid ones. */
export const oddHeaders = fc.oneof(
  { weight: 2, arbitrary: setMember('header', 'typ', type) },
  { weight: 3, arbitrary: setMember('header', 'kid', keyId) },
  { weight: 1, arbitrary: setMember('header', 'alg', oddJson) },
  { weight: 3, arbitrary: extension.map(([name, json]): Mutation => ({ at: 'header', set: name, json })) },
  { weight: 1, arbitrary: otherName.chain((name) => setMember('header', name, oddJson)) },
);
