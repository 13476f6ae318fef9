import { describe, expect, it } from 'vitest';
import {
  bodyRefusalReason,
  judgeParsedBody,
  judgeRequestBodyHeaders,
  MAX_REQUEST_BODY_BYTES,
  parseRequestBody,
} from '../../src/server/request-body-bytes.ts';

const UNSAID = { contentType: null, contentEncoding: undefined, contentLength: null };
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('judgeRequestBodyHeaders', () => {
  it.each<[string, object]>([
    ['nothing', {}],
    ['UTF-8', { contentType: 'application/json; charset="UTF-8"' }],
    ['the largest length', { contentLength: String(MAX_REQUEST_BODY_BYTES) }],
    ['the encoding identity', { contentEncoding: 'Identity' }],
  ])('finds nothing wrong with %s', (_, said) => {
    expect(judgeRequestBodyHeaders({ ...UNSAID, ...said })).toBeUndefined();
  });

  it.each([
    ['too_large', { contentLength: String(MAX_REQUEST_BODY_BYTES + 1) }],
    ['not_json', { contentType: 'application/json; charset=utf-16le' }],
    ['not_json', { contentType: 'application/json; charset=utf-8; charset=utf-7' }],
    ['not_json', { contentEncoding: 'gzip' }],
    ['not_json', { contentEncoding: 'identity, gzip' }],
  ])('is %s for %o', (fault, said) => {
    expect(judgeRequestBodyHeaders({ ...UNSAID, ...said })).toBe(fault);
  });

  it('takes another bound', () => {
    expect(judgeRequestBodyHeaders({ ...UNSAID, contentLength: '11' }, 10)).toBe('too_large');
    expect(judgeRequestBodyHeaders({ ...UNSAID, contentLength: '10' }, 10)).toBeUndefined();
  });
});

describe('parseRequestBody', () => {
  it.each([undefined, null, 'application/json', 'Application/JSON ;x=1', 'application/mcp+json'])(
    'reads JSON of the media type %s',
    (contentType) => {
      expect(parseRequestBody(encode('{"text":"ü"}'), contentType)).toEqual({
        outcome: 'read',
        value: { text: 'ü' },
      });
    },
  );

  it('tells an empty body apart, whatever its media type', () => {
    expect(parseRequestBody(encode(''), 'text/plain')).toEqual({ outcome: 'empty' });
  });

  it.each([
    ['not_json', 'application/json', '{"broken'],
    ['not_json', 'application/json', '\uFEFF{}'],
    ['media_type', 'text/plain', '{}'],
    ['media_type', 'application/jsonp', '{}'],
    ['media_type', 'application/json, text/plain', '{}'],
    ['media_type', 'application/x-www-form-urlencoded', 'x=1'],
    ['second_token', 'application/x-www-form-urlencoded; charset=utf-8', 'x=1&access%5Ftoken=y'],
  ])('is %s for %s: %s', (outcome, contentType, body) => {
    expect(parseRequestBody(encode(body), contentType)).toEqual({ outcome });
  });

  it.each([
    ['a byte that no character has', [0xff]],
    ['half a character', [0xc3]],
    ['a character written longer than it is', [0xc0, 0x80]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a character beyond the last', [0xf4, 0x90, 0x80, 0x80]],
  ])('is not_json for what is no UTF-8: %s', (_, bytes) => {
    const body = Uint8Array.from([0x22, ...bytes, 0x22]);
    expect(parseRequestBody(body, null)).toEqual({ outcome: 'not_json' });
  });

  it('reads every character that there is, that of unreadable ones too', () => {
    const text = 'a\u007fü€😀\u{10ffff}\ufffd\ufeff';
    expect(parseRequestBody(encode(JSON.stringify(text)), null)).toEqual({ outcome: 'read', value: text });
  });
});

describe('judgeParsedBody', () => {
  const FORM = 'application/x-www-form-urlencoded';

  it.each([
    ['second_token', { access_token: 'x' }, FORM],
    ['second_token', { access_token: ['x', 'y'] }, `${FORM}; charset=utf-8`],
    ['second_token', Object.assign(Object.create(null), { access_token: '' }), FORM.toUpperCase()],
    ['second_token', new URLSearchParams('access_token=x'), FORM],
    ['media_type', new URLSearchParams('x=access_token'), FORM],
    ['media_type', new FormData(), FORM],
    ['media_type', { jsonrpc: '2.0' }, FORM],
    ['media_type', Object.create({ access_token: 'x' }), FORM],
    ['media_type', 'access_token=x', FORM],
    ['media_type', null, FORM],
  ])('is %s for %j of a form', (fault, value, contentType) => {
    expect(judgeParsedBody(value, contentType)).toBe(fault);
  });

  it.each([undefined, null, 'application/json', `${FORM}s`, 'text/plain'])(
    'has nothing to say of the media type %s',
    (contentType) => {
      expect(judgeParsedBody({ access_token: 'x' }, contentType)).toBeUndefined();
    },
  );
});

describe('bodyRefusalReason', () => {
  it.each([
    ['not_json', 'body_not_json'],
    ['aborted', 'body_not_json'],
    ['media_type', 'media_type_not_supported'],
    ['second_token', 'credentials_repeated'],
    ['too_large', 'body_too_large'],
  ] as const)('of %s is %s', (fault, reason) => {
    expect(bodyRefusalReason(fault)).toBe(reason);
  });
});
