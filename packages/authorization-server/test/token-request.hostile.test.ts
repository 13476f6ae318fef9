import { request as httpRequest } from 'node:http';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { claimsFor, registerWithKey, requestWithAssertion, signAssertion } from './assertion.ts';
import {
  basic,
  lastReason,
  post,
  registerWithSecret,
  requestToken,
  startServer,
  type RunningServer,
} from './running-server.ts';

const GRANT = { grant_type: 'client_credentials' };

describe('a token request', () => {
  let running: RunningServer;
  let secret: string;

  beforeAll(async () => {
    running = await startServer();
    secret = await registerWithSecret(running, 'nightly');
  });
  afterAll(async () => await running.stop());

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
    ['an unknown charset', 'application/x-www-form-urlencoded; charset=none', () => 'a=b'],
  ])('A7: with a body of %s is refused as malformed', async (_name, contentType, body) => {
    const answer = await post(`${running.issuer}/token`, body(), { 'content-type': contentType });
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
  });

  it('A7: with a body of no type is refused as malformed', async () => {
    const bytes = new TextEncoder().encode(new URLSearchParams({ ...GRANT, ...credentials() }).toString());
    const answer = await post(`${running.issuer}/token`, bytes);
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
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
    ['urn:ietf:params:oauth:grant-type:jwt-bearer', 'client_assertion'],
    ['urn:ietf:params:oauth:grant-type:token-exchange', 'client_credentials'],
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

  it('A31: of 60 kB that does not tell its length is refused as malformed', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(`${running.issuer}/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      request.once('response', (response) => resolve(response.resume().statusCode)).once('error', reject);
      const padding = 'x'.repeat(60_000);
      request.write(new URLSearchParams({ ...GRANT, ...credentials() }).toString());
      request.end(`&padding=${padding}`);
    });
    expect(status).toBe(400);
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
