import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';

import { createDpopProof, generateDpopKey } from '@mcp-m2m/testing';
import { describe, expect, it } from 'vitest';

import { createAuthorizationServer } from '../../src/index.ts';
import {
  GRANT,
  lastReason,
  MCP,
  registerWithSecret,
  requestToken,
  SECRET_KEY,
  startServer,
} from '../running-server.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';
import { claimsOf } from './scene.ts';

/** A self-signed certificate and its key, in PEM. */
function createCertificate(name: string) {
  const folder = createTemporaryFolder();
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const form = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...form, '-keyout', key, '-out', cert, ...subject], {
    stdio: 'ignore',
  });
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}

const certificate = createCertificate('client');
const { raw } = new X509Certificate(certificate.cert);
const thumbprint = createHash('sha256').update(raw).digest('base64url');
const HEADER = `:${raw.toString('base64')}:`;

describe('a client whose tokens are bound to its certificate', () => {
  it('gets them by the certificate of the header that a proxy sets, and none without', async () => {
    const running = await startServer({ clientCertificate: { from: 'header' } });
    try {
      const secret = await registerWithSecret(running, 'bound');
      await running.server.clients.update('bound', { senderConstraint: 'mtls' });
      const ask = async (headers: Record<string, string>) =>
        await requestToken(running, { ...GRANT, client_id: 'bound', client_secret: secret }, headers);
      const answer = await ask({ 'client-cert': HEADER });
      expect([answer.status, answer.body['token_type']]).toEqual([200, 'Bearer']);
      expect(claimsOf(answer)['cnf']).toEqual({ 'x5t#S256': thumbprint });
      for (const headers of [
        {},
        { 'client-cert': 'nonsense' },
        { 'x-client-cert': HEADER },
        { 'client-cert': '' },
      ]) {
        const refused = await ask(headers);
        expect([refused.status, refused.body['error']]).toEqual([400, 'invalid_request']);
        expect(lastReason(running)).toBe('client_certificate_missing');
      }
      const metadata = await (await fetch(`${running.issuer}/.well-known/oauth-authorization-server`)).json();
      expect(metadata).toMatchObject({ tls_client_certificate_bound_access_tokens: true });
    } finally {
      await running.stop();
    }
  });

  it('may have them bound to a key as well, and others are not bound by a certificate that happens to be there', async () => {
    const running = await startServer({ clientCertificate: { from: 'header' } });
    try {
      const secret = await registerWithSecret(running, 'bound');
      await running.server.clients.update('bound', { senderConstraint: 'mtls' });
      const key = await generateDpopKey();
      const headers = {
        'client-cert': HEADER,
        DPoP: createDpopProof({ key, method: 'POST', url: `${running.issuer}/token` }),
      };
      const both = await requestToken(
        running,
        { ...GRANT, client_id: 'bound', client_secret: secret },
        headers,
      );
      expect(both.body['token_type']).toBe('DPoP');
      expect(claimsOf(both)['cnf']).toEqual({ jkt: key.thumbprint, 'x5t#S256': thumbprint });
      const plain = await registerWithSecret(running, 'plain');
      const unbound = await requestToken(
        running,
        { ...GRANT, client_id: 'plain', client_secret: plain },
        { 'client-cert': HEADER },
      );
      expect(claimsOf(unbound)).not.toHaveProperty('cnf');
    } finally {
      await running.stop();
    }
  });

  it('gets none from a server that is not told where it sees certificates, whose metadata does not promise any', async () => {
    const running = await startServer();
    try {
      const secret = await registerWithSecret(running, 'bound');
      await running.server.clients.update('bound', { senderConstraint: 'mtls' });
      const answer = await requestToken(
        running,
        { ...GRANT, client_id: 'bound', client_secret: secret },
        { 'client-cert': HEADER },
      );
      expect(answer.body['error']).toBe('invalid_request');
      const event = running.events.findLast(({ type }) => type === 'token_refused');
      expect(event).toMatchObject({ detail: expect.stringContaining('clientCertificate') });
    } finally {
      await running.stop();
    }
  });

  it('gets them by the certificate of its TLS connection', async () => {
    const server = createCertificate('server');
    const https = createServer({ ...server, requestCert: true, rejectUnauthorized: false });
    await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
    const issuer = `https://127.0.0.1:${(https.address() as AddressInfo).port}`;
    const authorizationServer = await createAuthorizationServer({
      issuer,
      resources: [{ resource: MCP, scopes: ['deploy:read'] }],
      database: ':memory:',
      secretKey: SECRET_KEY,
      clientCertificate: { from: 'socket' },
    });
    https.on('request', (request, response) => authorizationServer.handler(request, response));
    try {
      const { secret = '' } = await authorizationServer.clients.create({
        clientId: 'bound',
        authentication: { method: 'secret' },
        access: [{ resource: MCP, scopes: ['deploy:read'] }],
        senderConstraint: 'mtls',
      });
      const body = new URLSearchParams({ ...GRANT, client_id: 'bound', client_secret: secret }).toString();
      const ask = async (identity: object, headers: object = {}) =>
        await new Promise<Record<string, unknown>>((resolve, reject) => {
          const request = httpsRequest(
            `${issuer}/token`,
            {
              ...identity,
              method: 'POST',
              ca: server.cert,
              agent: false,
              headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
            },
            (response) =>
              void json(response).then((value) => resolve(value as Record<string, unknown>), reject),
          );
          request.on('error', reject).end(body);
        });
      const answer = await ask(certificate);
      expect(claimsOf({ body: answer } as never)['cnf']).toEqual({ 'x5t#S256': thumbprint });
      // A header is nobody's word here.
      expect((await ask({}, { 'client-cert': HEADER }))['error']).toBe('invalid_request');
    } finally {
      https.closeAllConnections();
      https.close();
      await authorizationServer.close();
    }
  });
});
