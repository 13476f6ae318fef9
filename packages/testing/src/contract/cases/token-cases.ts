import { createSigningKey } from '../../signing-key.ts';
import type { TestAuthority } from '../../test-authority.ts';
import type { ContractCase } from '../contract-case.ts';
import { type DefineCase, LIST_TOOLS } from '../contract-scene.ts';
import { expectRefusal } from '../expected-answer.ts';
import { DELEGATED, expectServed, USER } from '../expected-caller.ts';
import { refusedToken } from '../expected-refusals.ts';

type Mint = (authority: TestAuthority) => string | Promise<string>;

const REFUSED: readonly (readonly [name: string, sentence: string, mint: Mint])[] = [
  ['that is no JWT', 'The access token is not a well-formed signed JWT.', () => 'nonsense'],
  [
    'with a space in it',
    'The access token is not a well-formed signed JWT.',
    (authority) => `${authority.mint()} x`,
  ],
  [
    'that has expired',
    'The access token has expired.',
    (authority) => authority.mint({}, { expiresInSeconds: -600 }),
  ],
  [
    'that is not valid yet',
    'The access token is not valid yet; compare the clocks of both servers.',
    (authority) => authority.mint({ nbf: Math.floor(authority.now() / 1000) + 600 }),
  ],
  [
    'for another resource',
    'The access token was issued for another resource; request one with this resource\'s identifier as "resource".',
    (authority) => authority.mint({ aud: 'https://other.example/mcp' }),
  ],
  [
    'of another issuer',
    'The access token was issued by an authorization server that this resource does not accept.',
    (authority) => authority.mint({ iss: 'https://other.example' }),
  ],
  [
    'that is an ID token',
    'The token is not an access token for this resource; an ID token or another kind of JWT does not serve as one.',
    (authority) => authority.mint({}, { typ: 'JWT' }),
  ],
  [
    'without a claim that it needs',
    'The access token has no claim "jti".',
    (authority) => authority.mint({ jti: undefined }),
  ],
  [
    'with a claim that is not what it should be',
    'The claim "sub" of the access token is not valid.',
    (authority) => authority.mint({ sub: '' }),
  ],
  [
    'that is forged',
    'The signature of the access token is not valid.',
    async (authority) =>
      authority.mint({}, { key: await createSigningKey('ES256', authority.signingKey.keyId) }),
  ],
  [
    'that is signed with an unknown key',
    'The access token is signed with a key that the authorization server does not publish.',
    async (authority) => authority.mint({}, { key: await createSigningKey('ES256') }),
  ],
  [
    'that is not signed',
    'The access token is not a well-formed signed JWT.',
    (authority) => authority.mint({}, { algorithm: 'none' }),
  ],
  [
    'that is signed with a shared secret',
    'The access token is signed with an algorithm that is not accepted.',
    (authority) => authority.mint({}, { algorithm: 'HS256', key: Buffer.alloc(32, 1) }),
  ],
  [
    'bound to a client certificate, without the certificate',
    'The request needs the client certificate that the token is bound to.',
    (authority) => authority.mint({ cnf: { 'x5t#S256': 'A'.repeat(43) } }),
  ],
];

/** Cases about tokens that are refused, and about whom the others speak for. */
export function defineTokenCases(define: DefineCase): readonly ContractCase[] {
  return [
    ...REFUSED.map(([name, sentence, mint]) =>
      define(`a token ${name} is refused`, async (scene) => {
        const answer = await scene.send({ token: await mint(scene.authority) });
        expectRefusal(scene, answer, refusedToken(sentence));
      }),
    ),
    define('a token of a person gives a caller of its kind', async (scene) => {
      const token = scene.authority.mint({ sub: 'ada' });
      expectServed(scene, await scene.send({ token }), { token, parsedBody: LIST_TOOLS, caller: USER });
    }),
    define('a token of somebody who acts for a person gives a caller of its kind', async (scene) => {
      const token = scene.authority.mint({ sub: 'ada', act: { sub: 'agent-ü' } });
      expectServed(scene, await scene.send({ token }), { token, parsedBody: LIST_TOOLS, caller: DELEGATED });
    }),
    define('a token that differs from a known one in its signature alone is refused', async (scene) => {
      const token = scene.authority.mint();
      expectServed(scene, await scene.send({ token }), { token, parsedBody: LIST_TOOLS });
      const broken = `${token.slice(0, -4)}AAAA`;
      const sentence = 'The signature of the access token is not valid.';
      expectRefusal(scene, await scene.send({ token: broken }), refusedToken(sentence));
      expectServed(scene, await scene.send({ token }), { token, parsedBody: LIST_TOOLS });
    }),
  ];
}
