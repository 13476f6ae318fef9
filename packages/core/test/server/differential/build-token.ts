import type { PublishedKeys } from './published-keys.ts';
import { reform, signWith } from './signature-forms.ts';
import type { Mutation, ReshapeToken, RespellPart, RewriteText, TokenSpec } from './token-spec.ts';

export const ISSUER = 'https://auth.example.com';
export const RESOURCE = 'https://mcp.example.com/mcp';
/** The time at which every token is judged, in seconds since the epoch. */
export const NOW = 1_800_000_000;

type Member = readonly [name: string, json: string];

const VALID_CLAIMS: readonly Member[] = [
  ['iss', JSON.stringify(ISSUER)],
  ['aud', JSON.stringify(RESOURCE)],
  ['sub', '"nightly-report"'],
  ['client_id', '"nightly-report"'],
  ['iat', String(NOW - 60)],
  ['exp', String(NOW + 300)],
  ['jti', '"b1946ac9"'],
  ['scope', '"deploy:read"'],
];

/** Builds the token that a specification describes. */
export function buildToken(spec: TokenSpec, { signers }: PublishedKeys): string {
  const { mutations } = spec;
  const signer = signers[spec.signer];
  const choice = mutations.find((mutation) => mutation.at === 'algorithm');
  const header: readonly Member[] = [
    ['alg', JSON.stringify(choice?.name ?? signer.algorithm)],
    ['typ', '"at+jwt"'],
    ['kid', JSON.stringify(signer.keyId)],
  ];
  const respelled = (part: RespellPart['part'], signed: boolean, encoded: string): string =>
    mutations
      .filter((mutation) => mutation.at === 'part' && mutation.part === part && mutation.signed === signed)
      .reduce(
        (text, mutation) => (mutation.at === 'part' ? respell(text, mutation.spelling) : text),
        encoded,
      );
  const parts = [
    respelled(0, true, writePart(header, 'header', mutations).toString('base64url')),
    respelled(1, true, writePart(VALID_CLAIMS, 'claims', mutations).toString('base64url')),
  ] as const;
  const signature = signedBy(parts.join('.'), spec, signer, choice);
  const whole = [
    respelled(0, false, parts[0]),
    respelled(1, false, parts[1]),
    respelled(2, false, respelled(2, true, signature.toString('base64url'))),
  ] as const;
  return mutations.reduce((token, mutation) => {
    if (mutation.at === 'token') return reshape(token, mutation.shape);
    if (mutation.at !== 'character') return token;
    const position = mutation.position % token.length;
    return token.slice(0, position) + mutation.character + token.slice(position + 1);
  }, whole.join('.'));
}

function signedBy(
  input: string,
  { mutations }: TokenSpec,
  signer: PublishedKeys['signers']['es256'],
  choice: Parameters<typeof signWith>[2],
): Buffer {
  const forms = mutations.filter((mutation) => mutation.at === 'signature');
  const isOfOther = forms.some(({ form }) => form === 'of-other-input');
  const signature = signWith(signer, isOfOther ? `${input}A` : input, choice);
  if (signature.length === 0) return signature;
  return forms.reduce((bytes, { form }) => reform(bytes, form, signer.algorithm), signature);
}

function writePart(base: readonly Member[], at: 'header' | 'claims', mutations: readonly Mutation[]): Buffer {
  let members = base;
  const rewrites: RewriteText['text'][] = [];
  for (const mutation of mutations) {
    if (mutation.at !== at) continue;
    if ('text' in mutation) rewrites.push(mutation.text);
    else if ('repeat' in mutation) {
      const repeated: Member = [mutation.repeat, mutation.json];
      members = mutation.first ? [repeated, ...members] : [...members, repeated];
    } else {
      const others = members.filter(([name]) => name !== mutation.set);
      members = mutation.json === undefined ? others : [...others, [mutation.set, mutation.json]];
    }
  }
  const text = `{${members.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
  return rewrites.reduce<Buffer>((bytes, rewrite) => rewritten(bytes, rewrite), Buffer.from(text));
}

function rewritten(bytes: Buffer, how: RewriteText['text']): Buffer {
  const text = bytes.toString();
  switch (how) {
    case 'spaced':
      return Buffer.from(` {\r\n\t${text.slice(1, -1)}\n } `);
    case 'escaped':
      return Buffer.from(
        text.replace(/[a-z](?=[a-z_]*":)/, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`),
      );
    case 'byte-order-mark':
      return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]);
    case 'bad-utf8':
      return Buffer.concat([Buffer.from('{"x":"'), Buffer.from([0xff]), Buffer.from(`",${text.slice(1)}`)]);
    case 'array':
      return Buffer.from(`[${text}]`);
    case 'null':
      return Buffer.from('null');
    case 'junk-behind':
      return Buffer.from(`${text}x`);
    case 'second-object':
      return Buffer.from(`${text}{}`);
    case 'trailing-comma':
      return Buffer.from(`${text.slice(0, -1)},}`);
    case 'comment':
      return Buffer.from(`${text}/**/`);
    case 'long':
      return Buffer.from(`{"filler":"${'a'.repeat(6500)}",${text.slice(1)}`);
    default:
      return how satisfies never;
  }
}

function respell(encoded: string, spelling: RespellPart['spelling']): string {
  switch (spelling) {
    case 'padding':
      return encoded.padEnd(Math.ceil(encoded.length / 4) * 4, '=');
    case 'other-alphabet':
      return encoded.replaceAll('-', '+').replaceAll('_', '/');
    case 'unused-bits':
      return encoded.length % 4 === 0 ? encoded : encoded.slice(0, -1) + nextLetter(encoded.at(-1) ?? '');
    case 'empty':
      return '';
    case ' ':
    case '\t':
    case '\n':
    case '\u00a0':
    case '!':
      return encoded.slice(0, 4) + spelling + encoded.slice(4);
    default:
      return spelling satisfies never;
  }
}

/** The letter with the lowest bit set, which the last one of a part does not use. */
function nextLetter(letter: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet[alphabet.indexOf(letter) | 1] ?? letter;
}

function reshape(token: string, shape: ReshapeToken['shape']): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  switch (shape) {
    case 'two-parts':
      return `${header}.${payload}`;
    case 'four-parts':
      return `${token}.${signature}`;
    case 'five-parts':
      return `${token}.${signature}.${signature}`;
    case 'trailing-dot':
      return `${token}.`;
    case 'json':
      return JSON.stringify({ payload, signatures: [{ protected: header, signature }] });
    case 'flattened':
      return JSON.stringify({ payload, protected: header, signature });
    case 'detached':
      return `${header}..${signature}`;
    case 'nested':
      return `${header}.${Buffer.from(token).toString('base64url')}.${signature}`;
    default:
      return shape satisfies never;
  }
}
