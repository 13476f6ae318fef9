import { createHash, createHmac, generateKeyPairSync, KeyObject, sign } from 'node:crypto';
import {
  createDpopProof,
  type DpopProofOptions,
  type SigningKey,
  type TestAuthority,
} from '@mcp-m2m/testing';
import { RESOURCE } from '../protected-app.ts';
import type { DpopClient } from './dpop-requests.ts';

/** What a row makes its proof of. */
export interface ProofWorld {
  readonly client: DpopClient;
  readonly authority: TestAuthority;
  /** A key that no token is bound to. */
  readonly otherKey: SigningKey;
}

/** A proof that is refused. */
export type HostileProof = readonly [name: string, proof: (world: ProofWorld) => string];

const claims =
  (changed: Readonly<Record<string, unknown>>): HostileProof[1] =>
  ({ client }) =>
    client.prove({ claims: changed });
const header =
  (changed: Readonly<Record<string, unknown>>): HostileProof[1] =>
  ({ client }) =>
    client.prove({ header: changed });
const options =
  (changed: Partial<DpopProofOptions>): HostileProof[1] =>
  ({ client }) =>
    client.prove(changed);
const target = (htu: unknown): HostileProof[1] => claims({ htu });
const at =
  (seconds: number): HostileProof[1] =>
  ({ client, authority }) =>
    client.prove({ claims: { iat: Math.floor(authority.now() / 1000) + seconds } });
const digest = (token: string, encoding: 'base64' | 'hex' | 'base64url'): string =>
  createHash('sha256').update(token).digest(encoding);

/** The text of a part of a good proof, changed and signed anew. */
function rewritten({ client, authority }: ProofWorld, part: 0 | 1, change: (json: string) => string): string {
  const texts = client
    .prove()
    .split('.')
    .map((text) => Buffer.from(text, 'base64url').toString());
  texts[part] = change(texts[part] ?? '');
  return authority.mintRaw({ header: texts[0] ?? '', payload: texts[1] ?? '' }, { key: client.key });
}

function withSignature(proof: string, change: (signature: Buffer) => Uint8Array): string {
  const [first, second, third = ''] = proof.split('.');
  return `${first}.${second}.${Buffer.from(change(Buffer.from(third, 'base64url'))).toString('base64url')}`;
}

function hmacProof({ client }: ProofWorld, secret: string): string {
  const input = client
    .prove({ header: { alg: 'HS256' } })
    .split('.', 2)
    .join('.');
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

function signedInDer({ client }: ProofWorld): string {
  const input = client.prove().split('.', 2).join('.');
  const key = { key: KeyObject.from(client.key.privateKey), dsaEncoding: 'der' } as const;
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
}

export const HOSTILE_PROOFS: readonly HostileProof[] = [
  ['D3: no JWT at all', () => 'not-a-proof'],
  ['D3: dots alone', () => '..'],
  ['D3: two parts', ({ client }) => client.prove().split('.', 2).join('.')],
  ['D3: four parts', ({ client }) => `${client.prove()}.e30`],
  ['D3: two proofs in one header', ({ client }) => `${client.prove()}, ${client.prove()}`],
  ['D3: padded with =', ({ client }) => `${client.prove()}==`],
  ['D3: a space inside', ({ client }) => client.prove().replace('.', '. ')],
  ['D3: longer than 8 kB', claims({ filler: 'x'.repeat(8000) })],
  ['D3: claims that are a list', (world) => rewritten(world, 1, (json) => `[${json}]`)],
  ['D3: jti twice', (world) => rewritten(world, 1, (json) => json.replace('{', '{"jti":"other",'))],
  ['D3: jwk twice', (world) => rewritten(world, 0, (json) => json.replace('{', '{"jwk":{},'))],
  ['D3: a critical extension', header({ crit: ['b64'], b64: true })],
  ['D3: the payload unencoded', header({ b64: false })],
  ['D4: no jti', claims({ jti: undefined })],
  ['D4: jti empty', claims({ jti: '' })],
  ['D4: jti a number', claims({ jti: 7 })],
  ['D4: jti of 257 characters', claims({ jti: 'j'.repeat(257) })],
  ['D4: jti with a NUL', claims({ jti: 'a\u0000b' })],
  ['D5: no htm', claims({ htm: undefined })],
  ['D5: htm null', claims({ htm: null })],
  ['D6: no htu', claims({ htu: undefined })],
  ['D6: htu null', claims({ htu: null })],
  ['D7: no iat', claims({ iat: undefined })],
  ['D7: iat null', claims({ iat: null })],
  ['D8: typ JWT', header({ typ: 'JWT' })],
  ['D8: typ missing', header({ typ: undefined })],
  ['D8: typ at+jwt', header({ typ: 'at+jwt' })],
  ['D8: typ that begins like the right one', header({ typ: 'dpop+jwt;v=2' })],
  ['D8: typ a list', header({ typ: ['dpop+jwt'] })],
  ['D8: the access token in place of a proof', ({ client }) => client.token],
  ['D9: alg none', options({ algorithm: 'none' })],
  ['D9: alg none with a valid signature', header({ alg: 'none' })],
  ['D9: alg missing', header({ alg: undefined })],
  ['D9: HS256 with an empty key', (world) => hmacProof(world, '')],
  [
    'D9: HS256 keyed with the public JWK',
    (world) => hmacProof(world, JSON.stringify(world.client.key.publicJwk)),
  ],
  ['D9: an algorithm of another kind of key', header({ alg: 'RS256' })],
  ['D9: an algorithm of another curve', header({ alg: 'ES384' })],
  ['D10: signed by another key', ({ client, otherKey }) => client.prove({ signWith: otherKey })],
  [
    'D10: claims of another proof',
    ({ client }) =>
      client
        .prove()
        .split('.')
        .with(1, client.prove().split('.')[1] ?? '')
        .join('.'),
  ],
  [
    'D10: a truncated signature',
    ({ client }) => withSignature(client.prove(), (valid) => valid.subarray(0, 63)),
  ],
  ['D10: a signature of zeros', ({ client }) => withSignature(client.prove(), () => new Uint8Array(64))],
  ['D10: no signature', ({ client }) => withSignature(client.prove(), () => new Uint8Array())],
  ['D10: a signature in DER', signedInDer],
  ['D12: no jwk', header({ jwk: undefined })],
  ['D12: jwk null', header({ jwk: null })],
  [
    'D12: jwk a text',
    ({ client }) => client.prove({ header: { jwk: JSON.stringify(client.key.publicJwk) } }),
  ],
  ['D12: jwk in a list', ({ client }) => client.prove({ header: { jwk: [client.key.publicJwk] } })],
  ['D12: an oct jwk', header({ jwk: { kty: 'oct', k: 'c2VjcmV0' } })],
  [
    'D12: a jwk with a private member',
    ({ client }) => client.prove({ header: { jwk: { ...client.key.publicJwk, d: null } } }),
  ],
  [
    'D12: a jwk with a symmetric member',
    ({ client }) => client.prove({ header: { jwk: { ...client.key.publicJwk, k: 'AA' } } }),
  ],
  [
    'D12: a jwk without one coordinate',
    ({ client }) => client.prove({ header: { jwk: { ...client.key.publicJwk, y: undefined } } }),
  ],
  [
    'D12: a jwk whose point is not on the curve',
    ({ client }) => client.prove({ header: { jwk: { ...client.key.publicJwk, y: client.key.publicJwk.x } } }),
  ],
  ['D12: jwk by reference', header({ jwk: undefined, jku: 'http://169.254.169.254/jwks', kid: 'k' })],
  ['D13: htm in lower case', claims({ htm: 'post' })],
  ['D13: htm of another method', claims({ htm: 'GET' })],
  ['D13: htm with a space', claims({ htm: 'POST ' })],
  ['D13: htm a list', claims({ htm: ['POST'] })],
  ['D14: htu of another host', target('https://other.example.com/mcp')],
  ['D14: htu of a host that begins alike', target('https://mcp.example.com.evil.example/mcp')],
  ['D14: htu of the parent domain', target('https://example.com/mcp')],
  ['D14: htu with our host as a user name', target('https://mcp.example.com@evil.example/mcp')],
  ['D14: htu with a user name', target('https://user@mcp.example.com/mcp')],
  ['D14: htu of another port', target('https://mcp.example.com:8443/mcp')],
  ['D14: htu with http', target('http://mcp.example.com/mcp')],
  ['D14: htu with wss', target('wss://mcp.example.com/mcp')],
  ['D14: htu of another path', target('https://mcp.example.com/other')],
  ['D14: htu of the origin', target('https://mcp.example.com')],
  ['D14: htu of a path in another case', target('https://mcp.example.com/MCP')],
  ['D14: htu of a path below', target('https://mcp.example.com/mcp/tools')],
  ['D14: htu with the path encoded', target('https://mcp.example.com/%2Fmcp')],
  ['D14: htu without host', target('/mcp')],
  ['D14: htu that is no URL', target('https://[mcp')],
  ['D14: htu empty', target('')],
  ['D14: htu in a list', target([RESOURCE])],
  ['D15: htu with a trailing slash', target(`${RESOURCE}/`)],
  ['D17: iat 301 seconds ago', at(-302)],
  ['D17: iat 301 seconds ahead', at(302)],
  ['D17: iat in milliseconds', ({ client, authority }) => client.prove({ claims: { iat: authority.now() } })],
  [
    'D17: exp past',
    ({ client, authority }) => client.prove({ claims: { exp: Math.floor(authority.now() / 1000) - 31 } }),
  ],
  [
    'D17: nbf ahead',
    ({ client, authority }) => client.prove({ claims: { nbf: Math.floor(authority.now() / 1000) + 32 } }),
  ],
  [
    'D18: iat a text',
    ({ client, authority }) => client.prove({ claims: { iat: String(Math.floor(authority.now() / 1000)) } }),
  ],
  [
    'D18: iat a list',
    ({ client, authority }) => client.prove({ claims: { iat: [Math.floor(authority.now() / 1000)] } }),
  ],
  ['D18: iat 1e400', (world) => rewritten(world, 1, (json) => json.replace(/"iat":\d+/, '"iat":1e400'))],
  ['D18: iat not a number', claims({ iat: true })],
  ['D19: ath absent', claims({ ath: undefined })],
  ['D19: ath null', claims({ ath: null })],
  ['D19: ath of another token', ({ client, authority }) => client.prove({ accessToken: authority.mint() })],
  ['D19: ath in hex', ({ client }) => client.prove({ claims: { ath: digest(client.token, 'hex') } })],
  [
    'D19: ath padded',
    ({ client }) => client.prove({ claims: { ath: `${digest(client.token, 'base64url')}=` } }),
  ],
  ['D19: ath that is the token', ({ client }) => client.prove({ claims: { ath: client.token.slice(-43) } })],
  ['D20: a sound proof by another key', ({ client, otherKey }) => client.prove({ key: otherKey })],
  ['D20: a sound proof by the key of another algorithm', ({ client }) => weakRsaProof(client)],
];

/** By a fresh RSA key, in everything else right. */
function weakRsaProof({ token }: DpopClient): string {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = publicKey.export({ format: 'jwk' });
  const key = { algorithm: 'RS256', publicJwk: jwk } as unknown as SigningKey;
  return createDpopProof({ key, method: 'POST', url: RESOURCE, accessToken: token, signWith: privateKey });
}
