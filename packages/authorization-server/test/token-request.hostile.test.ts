import { request as httpRequest, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { claimsFor, registerWithKey, requestWithAssertion, signAssertion } from './assertion.ts';
import { basic, GRANT, lastReason, post, registerWithSecret, requestToken } from './running-server.ts';
import { startServerForFile } from './server-for-file.ts';

const FORM = 'application/x-www-form-urlencoded';

const running = await startServerForFile();
const secret = await registerWithSecret(running, 'nightly');

describe('a token request', () => {
  const credentials = () => ({ client_id: 'nightly', client_secret: secret });

  it('with the secret in the body or in HTTP Basic gets a token, never to be cached', async () => {
    for (const answer of [
      await requestToken(running, { ...GRANT, ...credentials() }),
      await requestToken(running, GRANT, basic('nightly', secret)),
    ]) {
      expect(answer.status).toBe(200);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.body).toEqual({
        access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        token_type: 'Bearer',
        expires_in: 300,
        scope: 'deploy:read deploy:write',
      });
    }
  });

  it('A1: with HTTP Basic and a secret in the body is refused as malformed', async () => {
    const answer = await requestToken(running, { ...GRANT, ...credentials() }, basic('nightly', secret));
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
    expect(lastReason(running)).toBe('request_malformed');
  });

  it('A2: with HTTP Basic and another client_id in the body is refused as malformed', async () => {
    const answer = await requestToken(running, { ...GRANT, client_id: 'both' }, basic('nightly', secret));
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
  });

  it('A4: with form-encoded HTTP Basic credentials gets a token', async () => {
    const encode = (text: string) =>
      text.replace(/./g, (character) => `%${character.charCodeAt(0).toString(16)}`);
    const answer = await requestToken(running, GRANT, basic(encode('nightly'), encode(secret)));
    expect(answer.status).toBe(200);
  });

  it('A5, A6: with a wrong secret and from an unknown client get the same answer, challenge included', async () => {
    const seen = [];
    for (const [clientId, presented] of [
      ['nightly', 'wrong'],
      ['nightly', `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`],
      ['unknown', secret],
    ] as const) {
      for (const answer of [
        await requestToken(running, { ...GRANT, client_id: clientId, client_secret: presented }),
        await requestToken(running, GRANT, basic(clientId, presented)),
      ]) {
        const headers = Object.fromEntries([...answer.headers].filter(([name]) => name !== 'date'));
        seen.push(JSON.stringify([answer.status, headers, answer.text]));
      }
    }
    expect(new Set(seen).size).toBe(1);
    const [status, headers, text] = JSON.parse(seen[0] as string) as [number, Record<string, string>, string];
    expect(status).toBe(401);
    expect(JSON.parse(text)).toMatchObject({ error: 'invalid_client' });
    expect(headers['www-authenticate']).toBe(`Basic realm="${running.issuer}", charset="UTF-8"`);
    const reasons = running.events.flatMap((event) => (event.type === 'token_refused' ? [event.reason] : []));
    expect(reasons.slice(-6)).toEqual([
      ...Array.from({ length: 4 }, () => 'secret_wrong'),
      ...Array.from({ length: 2 }, () => 'client_unknown'),
    ]);
  });

  it('without any credentials is refused', async () => {
    const answer = await requestToken(running, GRANT);
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
    const named = await requestToken(running, { ...GRANT, client_id: 'nightly' });
    expect([named.status, named.body['error']]).toEqual([401, 'invalid_client']);
  });

  it('with a secret for a client that has a key is refused', async () => {
    await registerWithKey(running, 'has-a-key');
    const answer = await requestToken(running, { ...GRANT, client_id: 'has-a-key', client_secret: secret });
    expect([answer.status, answer.body['error']]).toEqual([401, 'invalid_client']);
    expect(lastReason(running)).toBe('authentication_method_not_registered');
  });

  it.each([
    ['JSON', 'application/json', () => JSON.stringify({ ...GRANT, ...credentials() })],
    ['multipart', 'multipart/form-data; boundary=x', () => '--x\r\n\r\n--x--'],
    ['text', 'text/plain', () => new URLSearchParams({ ...GRANT, ...credentials() }).toString()],
    ['an unknown charset', `${FORM}; charset=none`, () => 'a=b'],
    ['another charset', `${FORM}; charset=iso-8859-1`, () => form()],
    ['two charsets', `${FORM}; charset=utf-8; charset=utf-16`, () => form()],
  ])('A7: with a body of %s is refused as malformed', async (_name, contentType, body) => {
    const answer = await post(`${running.issuer}/token`, body(), { 'content-type': contentType });
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
  });

  it('A7: with a body of no type is refused as malformed', async () => {
    const bytes = new TextEncoder().encode(new URLSearchParams({ ...GRANT, ...credentials() }).toString());
    const answer = await post(`${running.issuer}/token`, bytes);
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
  });

  it.each([FORM, `${FORM};charset=utf-8`, `${FORM}; charset="UTF-8"`, 'Application/X-WWW-Form-URLEncoded'])(
    'with the type %s gets a token',
    async (contentType) => {
      const answer = await post(`${running.issuer}/token`, form(), { 'content-type': contentType });
      expect(answer.status).toBe(200);
    },
  );

  it('with an encoded body is refused as malformed, whether or not it is encoded', async () => {
    for (const [encoding, body] of [
      ['gzip', new Uint8Array(gzipSync(form()))],
      ['gzip', form()],
      ['identity, gzip', form()],
      ['', form()],
    ] as const) {
      const headers = { 'content-type': FORM, 'content-encoding': encoding };
      const answer = await post(`${running.issuer}/token`, body, headers);
      expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
      expect(answer.body['error_description']).toContain('Content-Encoding');
    }
    const headers = { 'content-type': FORM, 'content-encoding': 'identity' };
    expect((await post(`${running.issuer}/token`, form(), headers)).status).toBe(200);
  });

  it('with two Authorization headers is refused as malformed, whichever comes first', async () => {
    const [right, wrong] = [basic('nightly', secret), basic('nightly', 'wrong')].map(
      (headers) => headers['authorization'] as string,
    ) as [string, string];
    for (const [first, second] of [
      [right, wrong],
      [wrong, right],
      [right, right],
    ] as const) {
      const headers = ['content-type', FORM, 'Authorization', first, 'authorization', second];
      expect(await send(headers, new URLSearchParams(GRANT).toString())).toMatchObject({
        status: 400,
        error: 'invalid_request',
      });
      expect(lastReason(running)).toBe('request_malformed');
    }
  });

  it('from a web page is refused, whoever the client, and no answer can be read by one', async () => {
    const origin = 'https://evil.example.com';
    const answers = [];
    for (const clientId of ['nightly', 'unknown']) {
      const parameters = { ...GRANT, client_id: clientId, client_secret: secret };
      answers.push(await requestToken(running, parameters, { origin }));
    }
    expect(answers.map(({ status, text }) => [status, text])[1]).toEqual([400, answers[0]?.text]);
    expect(answers[0]?.body['error']).toBe('invalid_request');
    answers.push(
      await requestToken(running, { ...GRANT, ...credentials() }),
      await requestToken(running, { ...GRANT, client_id: 'nightly', client_secret: 'wrong' }),
      await requestToken(running, GRANT, { origin }),
      await post(`${running.issuer}/token`, '{}', { 'content-type': 'application/json', origin }),
    );
    for (const { headers } of answers) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });

  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])(
    'A8: by %s is answered 405 and told POST',
    async (method) => {
      const query = new URLSearchParams({ ...GRANT, ...credentials() });
      const response = await fetch(`${running.issuer}/token?${query}`, { method });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('POST');
      expect(lastReason(running)).toBe('method_not_allowed');
    },
  );

  it('with parameters in the query alone is refused, since they are not read there', async () => {
    const query = new URLSearchParams({ ...GRANT, ...credentials() });
    const answer = await post(`${running.issuer}/token?${query}`, new URLSearchParams());
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
  });

  it.each([
    ['grant_type', 'client_credentials'],
    ['scope', 'deploy:read'],
    ['client_id', 'nightly'],
    ['client_secret', 'again'],
  ])('A9: with a repeated %s is refused as malformed', async (name, value) => {
    const once = { ...GRANT, ...credentials(), scope: 'deploy:read' };
    const answer = await requestToken(running, [...Object.entries(once), [name, value]]);
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
  });

  it('A9: with a repeated assertion is refused as malformed', async () => {
    const client = await registerWithKey(running, 'repeats');
    const assertion = await signAssertion(client.privateKey, claimsFor(client, running));
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    const answer = await requestToken(running, [
      ['grant_type', 'client_credentials'],
      ['client_assertion_type', type],
      ['client_assertion', assertion],
      ['client_assertion', assertion],
    ]);
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
  });

  it.each([
    ['password', 'client_credentials'],
    ['implicit', 'client_credentials'],
    ['authorization_code', 'client_credentials'],
    ['refresh_token', 'client_credentials'],
    ['urn:ietf:params:oauth:grant-type:saml2-bearer', 'jwt-bearer'],
    ['urn:openid:params:grant-type:ciba', 'client_credentials'],
    ['toString', 'client_credentials'],
  ])('A10: for the grant %s is told what to use instead', async (grant, instead) => {
    for (const parameters of [
      { grant_type: grant, ...credentials() },
      { grant_type: grant, client_id: 'somebody' },
      { grant_type: grant, client_id: 'nightly', client_secret: 'wrong' },
    ]) {
      const answer = await requestToken(running, parameters);
      expect([answer.status, answer.body['error']]).toEqual([400, 'unsupported_grant_type']);
      expect(answer.body['error_description']).toContain(instead);
      expect(lastReason(running)).toBe('grant_not_offered');
    }
  });

  it('A29: with an assertion and HTTP Basic is refused as malformed', async () => {
    const client = await registerWithKey(running, 'two-ways');
    const assertion = await signAssertion(client.privateKey, claimsFor(client, running));
    const answer = await requestWithAssertion(running, assertion, {}, basic('nightly', secret));
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
  });

  it('A31: of 60 kB is refused for its size', async () => {
    const answer = await requestToken(running, { ...GRANT, ...credentials(), padding: 'x'.repeat(60_000) });
    expect([answer.status, answer.body['error']]).toEqual([413, 'invalid_request']);
    expect(lastReason(running)).toBe('request_too_large');
  });

  it('A31: of 60 kB that does not tell its length is refused for its size', async () => {
    const headers = ['content-type', FORM, 'transfer-encoding', 'chunked'];
    expect(await send(headers, form(), `&padding=${'x'.repeat(60_000)}`)).toEqual({
      status: 413,
      error: 'invalid_request',
      connection: 'close',
    });
    expect(lastReason(running)).toBe('request_too_large');
  });

  it('A31: of the same size is judged alike, whether or not it tells its length', async () => {
    for (const bytes of [50_000, 56 * 1024, 56 * 1024 + 1]) {
      const text = form().padEnd(bytes, '&x=y');
      const chunked = await send(['content-type', FORM, 'transfer-encoding', 'chunked'], text);
      const declared = await send(['content-type', FORM, 'content-length', String(bytes)], text);
      expect([bytes, chunked.status]).toEqual([bytes, bytes > 56 * 1024 ? 413 : 200]);
      expect([bytes, declared.status]).toEqual([bytes, chunked.status]);
    }
  });

  it('is answered in JSON even when it asks for HTML', async () => {
    const answer = await requestToken(running, GRANT, { accept: 'text/html' });
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(answer.body['error']).toBe('invalid_request');
  });

  it('has its refusals described in the characters OAuth allows', async () => {
    const scope = 'ä"\\\u202e';
    const answer = await requestToken(running, { ...GRANT, ...credentials(), resource: `https://${scope}` });
    expect(answer.status).toBe(400);
    expect(answer.body['error_description']).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
  });
});

function form(): string {
  return new URLSearchParams({ ...GRANT, client_id: 'nightly', client_secret: secret }).toString();
}

/** Sends a request header by header and chunk by chunk, as `fetch` would not. */
async function send(headers: readonly string[], ...chunks: readonly string[]) {
  const { host } = new URL(running.issuer);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = httpRequest(`${running.issuer}/token`, {
      method: 'POST',
      headers: ['host', host, ...headers],
    });
    request.once('error', reject).once('response', resolve);
    for (const chunk of chunks) request.write(chunk);
    request.end();
  });
  const { error } = (await json(response)) as { error?: string };
  return { status: response.statusCode, error, connection: response.headers.connection };
}
