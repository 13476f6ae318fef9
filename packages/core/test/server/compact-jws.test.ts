import { describe, expect, it } from 'vitest';
import { hasCompactForm, MAX_TOKEN_LENGTH, parseCompactJws } from '../../src/server/compact-jws.ts';
import { failureOf } from './failure-of.ts';

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const token = (header: unknown = { alg: 'ES256', kid: 'k' }, claims: unknown = { iss: 'i' }): string =>
  `${encode(header)}.${encode(claims)}.AAAA`;

describe('parseCompactJws', () => {
  it('takes a token apart and verifies nothing', () => {
    const header = { alg: 'ES256', kid: 'k', typ: 'at+jwt', jku: 'https://evil.example' };
    expect(parseCompactJws(token(header))).toMatchObject({
      algorithm: 'ES256',
      keyId: 'k',
      header,
      claims: { iss: 'i' },
    });
  });

  it('leaves the key id open when there is none', () => {
    expect(parseCompactJws(token({ alg: 'ES256' })).keyId).toBeUndefined();
  });

  it.each([
    ['an inner newline', token().replace('.', '\n.')],
    ['a trailing newline', `${token()}\n`],
    ['a leading space', ` ${token()}`],
    ['a no-break space', `${token()}\u00a0`],
    ['padding', `${token()}=`],
    ['the other alphabet', `${token()}+/`],
    ['a letter from elsewhere', `${token().slice(0, -1)}А`],
    ['two parts', 'AAAA.AAAA'],
    ['four parts', 'AAAA.AAAA.AAAA.AAAA'],
    ['five parts', 'AAAA.AAAA.AAAA.AAAA.AAAA'],
    ['an empty part', `${encode({ alg: 'x' })}..AAAA`],
    ['nothing', ''],
    ['a length that base64 does not have', `${token()}A`],
    ['unused bits in the signature', `${encode({ alg: 'x' })}.${encode({})}.AB`],
    ['unused bits in the claims', `${encode({ alg: 'x' })}.e31.AAAA`],
    ['an alg that is missing', token({})],
    ['an alg that is an array', token({ alg: ['ES256'] })],
    ['a kid that is a number', token({ alg: 'ES256', kid: 1 })],
    ['a kid that is null', token({ alg: 'ES256', kid: null })],
    ['a kid that is too long', token({ alg: 'ES256', kid: 'k'.repeat(513) })],
    ['a header with a duplicate', token('{"alg":"ES256","alg":"none"}')],
    ['claims with a duplicate', token(undefined, '{"aud":"a","aud":"b"}')],
    ['claims that are an array', token(undefined, [])],
    ...['crit', 'b64', 'zip', 'enc', 'cty'].map((name) => [
      `a header parameter ${name}`,
      token({ alg: 'ES256', [name]: [] }),
    ]),
    ['a header parameter that is null', token({ alg: 'ES256', crit: null })],
  ])('refuses %s', (_, text = '') => {
    expect(failureOf(() => parseCompactJws(text)).reason).toBe('token_malformed');
  });

  it('bounds the length, whatever is in it', () => {
    // Filler in the claims, so that what is left for the signature is a length that base64 has.
    const prefixes = ['', 'x', 'xx'].map((filler) => token(undefined, { iss: 'i', filler }));
    const prefix = prefixes.find(({ length }) => (MAX_TOKEN_LENGTH - length) % 4 === 0) ?? '';
    const longest = prefix.padEnd(MAX_TOKEN_LENGTH, 'A');
    expect(parseCompactJws(longest).algorithm).toBe('ES256');
    expect(failureOf(() => parseCompactJws(`${longest}A`)).details.received).toBe('8193 characters');
    expect(failureOf(() => parseCompactJws('A'.repeat(10_000_000))).reason).toBe('token_malformed');
  });

  it('never repeats the token in what it says', () => {
    const secret = 'c2VjcmV0LXNlY3JldA';
    for (const text of [
      `${secret}.${secret}.${secret}`,
      secret,
      `${secret}.${secret}`,
      `${token()}.${secret}`,
    ]) {
      const { details, message } = failureOf(() => parseCompactJws(text));
      expect(JSON.stringify([details, message])).not.toContain(secret);
    }
  });
});

describe('hasCompactForm', () => {
  it('tells three base64url parts from anything else', () => {
    expect([token(), 'a.b.c'].map(hasCompactForm)).toEqual([true, true]);
    expect(['opaque', 'a.b', 'a.b.c.d', 'a.b.', 'a.b.c\n', ''].some(hasCompactForm)).toBe(false);
  });
});
