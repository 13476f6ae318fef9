import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import {
  claimsFor,
  generateSigningClient,
  requestWithAssertion,
  signAssertion,
  type SigningClient,
} from '../assertion.ts';
import { lastReason, MCP, startServer, type Answer, type RunningServer } from '../running-server.ts';

const SECOND = 1000;

describe('keys that a client publishes (jwks_uri)', () => {
  let running: RunningServer;
  let http: Server;
  let url: string;
  let requests: number;
  let respond: RequestListener;
  let ahead: number;

  beforeEach(async () => {
    ahead = 0;
    requests = 0;
    http = createServer((request, response) => {
      requests++;
      respond(request, response);
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/jwks`;
    running = await startServer({ now: () => Date.now() + ahead });
  });
  afterEach(async () => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
    await running.stop();
  });

  function publish(...keys: unknown[]): void {
    respond = (_request, response) => {
      response.setHeader('Content-Type', 'application/jwk-set+json');
      response.end(JSON.stringify({ keys }));
    };
  }

  async function register(clientId = 'publisher', jwksUri = url): Promise<SigningClient> {
    await running.server.clients.create({
      clientId,
      authentication: { method: 'private_key_jwt' },
      jwksUri,
      access: [{ resource: MCP, scopes: ['deploy:read'] }],
    });
    return generateSigningClient(clientId);
  }

  async function ask(signer: SigningClient, header: Record<string, unknown> = {}): Promise<Answer> {
    const iat = Math.floor((Date.now() + ahead) / 1000);
    const claims = claimsFor(signer, running, { iat, exp: iat + 60 });
    return await requestWithAssertion(running, await signAssertion(signer.privateKey, claims, header));
  }

  it('are fetched once, for many requests at the same time too', async () => {
    const signer = await register();
    publish({ ...signer.publicKey, kid: 'a' });
    const answers = await Promise.all(
      Array.from({ length: 10 }, async () => await ask(signer, { kid: 'a' })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect((await ask(signer)).status).toBe(200);
    expect(requests).toBe(1);
    const client = await running.server.clients.get('publisher');
    expect(client).toMatchObject({ jwksUri: url, lastUsedAt: expect.any(String) });
  });

  it('that are new are found by their key id, at most one fetch in 30 seconds', async () => {
    const signer = await register();
    publish({ ...signer.publicKey, kid: 'a' });
    expect((await ask(signer, { kid: 'a' })).status).toBe(200);
    const next = generateSigningClient('publisher');
    publish({ ...signer.publicKey, kid: 'a' }, { ...next.publicKey, kid: 'b' });
    expect((await ask(next, { kid: 'b' })).status).toBe(401);
    expect(lastReason(running)).toBe('assertion_key_unknown');
    ahead = 30 * SECOND;
    expect((await ask(next, { kid: 'b' })).status).toBe(200);
    expect(requests).toBe(2);
    expect((await ask(signer, { kid: 'a' })).status).toBe(200);
  });

  it('K1: a storm of unknown key ids causes no storm of fetches', async () => {
    const signer = await register();
    publish({ ...signer.publicKey, kid: 'a' });
    for (let i = 0; i < 30; i++) expect((await ask(signer, { kid: `random-${i}` })).status).toBe(401);
    expect((await ask(signer, { kid: 'a' })).status).toBe(200);
    expect(requests).toBe(1);
  });

  it('K10: are used through an outage, and through rubbish', async () => {
    const signer = await register();
    publish({ ...signer.publicKey, kid: 'a' });
    expect((await ask(signer, { kid: 'a' })).status).toBe(200);
    const failures: RequestListener[] = [
      (_request, response) => void response.writeHead(500).end(),
      (_request, response) => void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>'),
      (_request, response) =>
        void response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"keys":[]}'),
      (_request, response) =>
        void response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"keys":"'),
      (_request, response) => void response.writeHead(302, { Location: '/elsewhere' }).end(),
      (_request, response) =>
        void response
          .writeHead(200, { 'Content-Type': 'application/json' })
          .end(`{"keys":[],"x":"${'x'.repeat(200_000)}"}`),
      (request) => void request.socket.destroy(),
    ];
    for (const failure of failures) {
      respond = failure;
      ahead += 1200 * SECOND;
      expect((await ask(signer, { kid: 'a' })).status).toBe(200);
    }
    expect(requests).toBe(failures.length + 1);
    ahead += 86_400 * SECOND;
    expect((await ask(signer, { kid: 'a' })).status).toBe(503);
  });

  it('K10: that were never fetched and cannot be are 503 with Retry-After, and known by its reason', async () => {
    const signer = await register();
    respond = (_request, response) => void response.writeHead(500).end();
    const answer = await ask(signer, { kid: 'a' });
    expect([answer.status, answer.body['error']]).toEqual([503, 'temporarily_unavailable']);
    expect(answer.headers.get('retry-after')).toBe('30');
    expect(lastReason(running)).toBe('client_keys_unavailable');
    expect((await ask(signer, { kid: 'a' })).status).toBe(503);
    expect(requests).toBe(1);
    publish({ ...signer.publicKey, kid: 'a' });
    ahead = 30 * SECOND;
    expect((await ask(signer, { kid: 'a' })).status).toBe(200);
  });

  it('K6, K7: that cannot verify assertions are left out, private ones too', async () => {
    const signer = await register();
    publish(
      { kty: 'oct', k: 'c2VjcmV0', kid: 'a' },
      { ...signer.publicKey, kid: 'a', use: 'enc' },
      { ...signer.privateKey.export({ format: 'jwk' }), kid: 'a' },
      null,
      'text',
      { kty: 'EC' },
      { ...generateSigningClient('x').publicKey, kid: 'good' },
    );
    expect((await ask(signer, { kid: 'a' })).status).toBe(401);
    expect(lastReason(running)).toBe('assertion_key_unknown');
  });

  it('K14: that are withdrawn end within ten minutes', async () => {
    const signer = await register();
    const next = generateSigningClient('publisher');
    publish({ ...signer.publicKey, kid: 'a' });
    expect((await ask(signer, { kid: 'a' })).status).toBe(200);
    publish({ ...next.publicKey, kid: 'b' });
    ahead = 600 * SECOND;
    expect((await ask(signer, { kid: 'a' })).status).toBe(401);
    expect(lastReason(running)).toBe('assertion_key_unknown');
  });

  it('M1, M3: at an address within the network are not asked for', async () => {
    publish({});
    await running.stop();
    running = await startServer({ issuer: 'https://auth.example.com' });
    const signer = await register('inside', 'https://127.0.0.1/jwks');
    const { origin } = running;
    const assertion = await signAssertion(
      signer.privateKey,
      claimsFor(signer, { issuer: 'https://auth.example.com' }),
    );
    const answer = await requestWithAssertion({ issuer: origin }, assertion);
    expect(answer.status).toBe(503);
    expect(lastReason(running)).toBe('client_keys_unavailable');
  });

  it('stand beside registered ones, which are used without asking', async () => {
    const signer = await register();
    const registered = generateSigningClient('publisher');
    const { publicKey } = await running.server.clients.keys.add('publisher', {
      publicKey: registered.publicKey,
    });
    respond = (_request, response) => void response.writeHead(500).end();
    expect((await ask(registered, { kid: publicKey.kid })).status).toBe(200);
    expect(requests).toBe(0);
    expect((await ask(registered)).status).toBe(200);
    publish({ ...signer.publicKey, kid: 'a' });
    ahead = 30 * SECOND;
    expect((await ask(signer, { kid: 'a' })).status).toBe(200);
    await running.server.clients.update('publisher', { jwksUri: null });
    expect((await ask(signer, { kid: 'a' })).status).toBe(401);
  });
});
