import { describe, expect, it } from 'vitest';
import { createConcealment } from '../../../src/client/token-endpoint/concealed-text.ts';

const SECRET = 'Vx7-Qm2_Lp9.Rt4~Ws8';

function concealing(...secrets: string[]) {
  const concealment = createConcealment();
  for (const secret of secrets) concealment.add(secret);
  return concealment;
}

describe('text that is shown', () => {
  it.each([
    ['the secret', SECRET],
    ['the secret in upper case', SECRET.toUpperCase()],
    ['the secret in lower case', SECRET.toLowerCase()],
    ['its first twelve characters', SECRET.slice(0, 12)],
    ['its last twelve characters', SECRET.slice(-12)],
    ['twelve characters of its middle', SECRET.slice(3, 15)],
    ['the secret in hexadecimal', Buffer.from(SECRET).toString('hex')],
    ['the secret in upper-case hexadecimal', Buffer.from(SECRET).toString('hex').toUpperCase()],
    ['the secret in Base64', Buffer.from(SECRET).toString('base64')],
    ['the secret in Base64 for URLs', Buffer.from(SECRET).toString('base64url')],
  ])('S1: holds nothing of %s', (_, echo) => {
    expect(concealing(SECRET).show(`"${echo}" is wrong`)).toBe('"[concealed]" is wrong');
  });

  it('keeps what is shorter than twelve characters, unless the secret is no longer', () => {
    expect(concealing(SECRET).show(SECRET.slice(0, 11))).toBe(SECRET.slice(0, 11));
    expect(concealing('hunter2').show('hunter2, HUNTER2 or hunter3')).toBe(
      '[concealed], [concealed] or hunter3',
    );
  });

  it('holds nothing of several secrets, of which one is part of another', () => {
    const shown = concealing('hunter2', `hunter2${SECRET}`).show(`a hunter2${SECRET} b ${SECRET}hunter2 c`);
    expect(shown).toMatch(/^a (\[concealed\])+ b (\[concealed\])+ c$/);
  });

  it('is not mistaken where characters change their length with their case', () => {
    expect(concealing(`${SECRET}ÜÄÖ`).show(`İİİ ${SECRET.toUpperCase()}üäö İ`)).toBe('İİİ [concealed] İ');
  });

  it('is without a text that is to be concealed as a whole, of which parts may be shown', () => {
    const concealment = createConcealment();
    concealment.addWhole('grant_type=client_credentials&resource=x');
    expect(concealment.show('no client_credentials: grant_type=client_credentials&resource=x')).toBe(
      'no client_credentials: [concealed]',
    );
  });

  it('is bounded, however much is concealed', () => {
    const text = `${SECRET} `.repeat(100_000);
    expect(concealing(SECRET).show(text, 50)).toBe(`${'[concealed] '.repeat(5).slice(0, 50)}…`);
  });
});
