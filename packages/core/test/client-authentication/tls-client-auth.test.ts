import { createServer, request as sendRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { selfSignedTlsClientAuth, tlsClientAuth } from '../../src/client-authentication/tls-client-auth.ts';
import { createSelfSignedCertificate, type TestCertificate } from './self-signed-certificate.ts';
import { CONTEXT, prove } from './token-request.ts';

const serverCertificate = createSelfSignedCertificate('server');
const clientCertificate = createSelfSignedCertificate(CONTEXT.clientId);

/** A token endpoint that knows the client by its certificate and its id. */
async function startTokenEndpoint(): Promise<number> {
  const { key, cert } = serverCertificate;
  const options = { key, cert, requestCert: true, rejectUnauthorized: false };
  const server = createServer(options, (request, response) => {
    void (async () => {
      const form = new URLSearchParams(await text(request));
      const { fingerprint256 } = (request.socket as TLSSocket).getPeerCertificate();
      const known =
        form.get('client_id') === CONTEXT.clientId && fingerprint256 === clientCertificate.fingerprint;
      const answer = known ? { token_type: 'Bearer' } : { error: 'invalid_client' };
      response.writeHead(known ? 200 : 401).end(JSON.stringify(answer));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return (server.address() as AddressInfo).port;
}

function post(port: number, body: string, certificate?: TestCertificate): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    sendRequest(
      {
        host: '127.0.0.1',
        port,
        method: 'POST',
        ca: serverCertificate.cert,
        agent: false,
        ...(certificate === undefined ? {} : { key: certificate.key, cert: certificate.cert }),
      },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      },
    )
      .on('error', reject)
      .end(body);
  });
}

describe.each([
  ['tls_client_auth', tlsClientAuth],
  ['self_signed_tls_client_auth', selfSignedTlsClientAuth],
] as const)('%s', (method, create) => {
  it('sends the client id alone: the certificate of the connection is the proof', async () => {
    const port = await startTokenEndpoint();
    const { parameters, headers, concealed } = await prove(create());
    expect([...parameters]).toEqual([['client_id', CONTEXT.clientId]]);
    expect([...headers]).toEqual([]);
    expect(concealed).toEqual([]);
    expect(await post(port, parameters.toString(), clientCertificate)).toBe(200);
    expect(await post(port, parameters.toString())).toBe(401);
    expect(await post(port, parameters.toString(), createSelfSignedCertificate(CONTEXT.clientId))).toBe(401);
  });

  it('says that the request goes where the server asks for a certificate', () => {
    expect(create()).toMatchObject({ method, mutualTls: true });
  });
});
