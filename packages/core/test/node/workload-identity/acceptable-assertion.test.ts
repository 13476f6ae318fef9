import { UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import type { AssertionSourceError } from '../../../src/client/grants/assertion-source.ts';
import { acceptAssertion } from '../../../src/node/workload-identity/acceptable-assertion.ts';
import { ISSUER, NOW_SECONDS, createRequest, createToken, failureOf } from './scene.ts';

const EXPECTATION = { source: 'test', from: '/token', audience: ISSUER, audienceHint: 'Mend it.' };

function accept(text: string, expectation = {}, request = createRequest()): string {
  return acceptAssertion(text, { ...EXPECTATION, ...expectation }, request);
}

async function refusalOf(text: string, expectation = {}): Promise<AssertionSourceError> {
  const secrets = text.trim().length > 8 ? [text.trim()] : [];
  return failureOf(new Promise((resolve) => resolve(accept(text, expectation))), secrets);
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('acceptAssertion', () => {
  it('takes a token for the audience, without the white space around it, and conceals it', async () => {
    const token = await createToken();
    const request = createRequest();
    expect(accept(`\n ${token}\r\n`, {}, request)).toBe(token);
    expect(request.concealed).toEqual([token]);
  });

  it('takes a token with the audience among others', async () => {
    const token = await createToken({ aud: ['https://other.example', ISSUER] });
    expect(accept(token)).toBe(token);
  });

  it('says which audience it expected and which came', async () => {
    const error = await refusalOf(await createToken({ aud: 'https://kubernetes.default.svc' }));
    expect(error.expected).toBe(`a token for the audience "${ISSUER}"`);
    expect(error.received).toBe('one for "https://kubernetes.default.svc"');
    expect([error.hint, error.passing]).toEqual(['Mend it.', false]);
  });

  it.each([
    ['no audience', undefined, 'one without audience'],
    ['an audience that only begins alike', `${ISSUER}/`, `one for "${ISSUER}/"`],
    ['an audience in an array in an array', [[ISSUER]], 'one for [an array]'],
    ['no audience in its array', [], 'one for []'],
    ['an audience that turns the text around', '\u202Eevil\n', String.raw`one for "\u{202e}evil\u{a}"`],
  ])('refuses a token with %s', async (_, aud, received) => {
    expect((await refusalOf(await createToken({ aud }))).received).toBe(received);
  });

  it('refuses an expired token and says since when, as it may be renewed', async () => {
    const error = await refusalOf(await createToken({ exp: NOW_SECONDS - 90 }));
    expect([error.received, error.passing]).toEqual(['one that expired 90 s ago', true]);
    expect((await refusalOf(await createToken({ exp: NOW_SECONDS }))).received).toBe(
      'one that expired 0 s ago',
    );
  });

  it('takes one that expires in a second, by the clock of the request', async () => {
    const token = await createToken({ exp: NOW_SECONDS + 1 });
    expect(accept(token)).toBe(token);
    const later = createRequest({ now: () => (NOW_SECONDS + 1) * 1000 });
    expect(() => accept(token, {}, later)).toThrow('expired 0 s ago');
  });

  it.each([
    ['none', '{"aud":"https://as.example.com"}'],
    ['a text', `{"aud":"https://as.example.com","exp":"${NOW_SECONDS + 600}"}`],
    ['infinite', '{"aud":"https://as.example.com","exp":1e400}'],
  ])('refuses a token whose expiry time is %s', async (_, payload) => {
    const text = `${encode({ alg: 'ES256' })}.${Buffer.from(payload).toString('base64url')}.c2ln`;
    expect((await refusalOf(text)).expected).toBe('an expiry time ("exp")');
  });

  it('refuses a token for another subject than the one demanded', async () => {
    const token = await createToken({ sub: 'other' });
    expect((await refusalOf(token, { subject: 'workload' })).received).toBe('one for "other"');
    expect(accept(token, { subject: 'other' })).toBe(token);
  });

  it.each([
    ['nothing', '', 'nothing'],
    ['white space', ' \n', 'nothing'],
    ['a page', '<!DOCTYPE html><title>Sign in</title>', 'an HTML or XML document'],
    ['JSON around it', '{"token":"canary-of-a-secret"}', 'a JSON document'],
    ['a secret of another kind', 'ghp_canary-of-a-secret', 'a text of 22 characters that is no JWT'],
    ['an encrypted token', 'eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.dGFn', 'an encrypted JWT'],
    ['an unsigned token', new UnsecuredJWT({ aud: ISSUER }).encode(), 'an unsigned JWT'],
    ['two tokens', 'YWFh.YmJi.Y2Nj YWFh.YmJi.Y2Nj', 'a text of 29 characters that is no JWT'],
    ['a payload that is no JSON', `${encode({})}.YmJi.Y2Nj`, 'a text of 13 characters that is no JWT'],
    [
      'a payload that is an array',
      `${encode({})}.${encode([])}.c2ln`,
      'a text of 12 characters that is no JWT',
    ],
    [
      'a header that is no JSON',
      `YWFh.${encode({ aud: ISSUER })}.c2ln`,
      'a text of 53 characters that is no JWT',
    ],
    ['padding', `${encode({})}=.${encode({})}.c2ln`, 'a text of 13 characters that is no JWT'],
  ])('refuses %s and shows nothing of it', async (_, text, received) => {
    expect((await refusalOf(text)).received).toBe(received);
  });

  it('refuses a token of more than 16,384 characters', async () => {
    const token = await createToken({ padding: 'x'.repeat(16_384) });
    expect((await refusalOf(token)).expected).toContain('at most 16384 characters');
  });
});
