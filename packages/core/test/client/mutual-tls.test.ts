import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  authorizedFetch,
  clientSecretBasic,
  createTokenSource,
  selfSignedTlsClientAuth,
  tlsClientAuth,
  type TokenEvent,
  type TokenSourceOptions,
} from '../../src/client/index.ts';
import { startLoopbackServer } from '../loopback-server.ts';
import { openFetch } from '../node/fetch/open-fetch.ts';
import { createTestCertificate, type TestCertificate } from '@mcp-m2m/testing';
import { failureOf } from './acquisition-failure.ts';

const SERVER = createTestCertificate('127.0.0.1');
const FIRST = createTestCertificate();
const SECOND = createTestCertificate();
const STRANGER = createTestCertificate();
const WANTS_CERTIFICATE = { requestCert: true, ca: [FIRST.cert, SECOND.cert] };

/** A token request and the fingerprint of the certificate that came with it. */
interface Received {
  readonly at: 'token_endpoint' | 'alias';
  readonly form: Record<string, string>;
  readonly authorization: string | undefined;
  readonly fingerprint: string | undefined;
}

/** An authorization server over TLS, whose `mtls_endpoint_aliases` name a second port that asks for certificates. */
async function createTlsScene(options: { alias?: TlsOptions | 'none'; endpoint?: TlsOptions } = {}) {
  const received: Received[] = [];
  /** The certificates that the client has registered. */
  const registered = new Set([FIRST.fingerprint, SECOND.fingerprint]);
  let issued = 0;

  async function listen(at: Received['at'], tls: TlsOptions): Promise<{ origin: string; end: () => void }> {
    const server = createServer({ ...SERVER, ...tls }, (request, response) => {
      void (async () => {
        if (request.url === '/.well-known/oauth-authorization-server') {
          return response.writeHead(200, JSON_TYPE).end(JSON.stringify(metadata()));
        }
        const form = Object.fromEntries(new URLSearchParams(await text(request)));
        const { authorization } = request.headers;
        const fingerprint = (request.socket as TLSSocket).getPeerX509Certificate()?.fingerprint256;
        received.push({ at, form, authorization, fingerprint });
        const known = registered.has(fingerprint ?? '') || authorization !== undefined;
        const answer = known
          ? { access_token: `token-${++issued}`, token_type: 'Bearer', expires_in: 300 }
          : { error: 'invalid_client' };
        return response.writeHead(known ? 200 : 401, JSON_TYPE).end(JSON.stringify(answer));
      })();
    });
    const sockets = new Set<Duplex>();
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { origin, end: () => server.closeIdleConnections() };
  }

  const main = await listen('token_endpoint', options.endpoint ?? {});
  const alias = await listen('alias', options.alias === 'none' ? {} : (options.alias ?? WANTS_CERTIFICATE));
  const issuer = main.origin;
  const metadata = () => ({
    issuer,
    token_endpoint: `${issuer}/token`,
    token_endpoint_auth_methods_supported: METHODS,
    ...(options.alias === 'none'
      ? {}
      : { mtls_endpoint_aliases: { token_endpoint: `${alias.origin}/token` } }),
  });
  const mcp = await startLoopbackServer(({ url, headers }) => {
    if (url === '/.well-known/oauth-protected-resource/mcp') {
      return { json: { resource: `${mcp.origin}/mcp`, authorization_servers: [issuer] } };
    }
    return headers.authorization === undefined ? { status: 401 } : { json: { token: headers.authorization } };
  });
  const events: TokenEvent[] = [];
  const clock = { ahead: 0 };
  const createSource = (
    certificate: (() => TestCertificate) | undefined,
    more: Partial<TokenSourceOptions> = {},
  ) =>
    createTokenSource({
      resource: `${mcp.origin}/mcp`,
      issuer,
      clientId: 'nightly-report',
      authentication: tlsClientAuth(),
      fetch: openFetch({
        allowLoopback: true,
        ca: SERVER.cert,
        ...(certificate === undefined ? {} : { certificate: () => pair(certificate()) }),
      }),
      now: () => Date.now() + clock.ahead,
      onEvent: (event) => events.push(event),
      ...more,
    });
  const endConnections = (): void => {
    main.end();
    alias.end();
  };
  return { resource: `${mcp.origin}/mcp`, received, registered, events, clock, createSource, endConnections };
}

const JSON_TYPE = { 'content-type': 'application/json' };
const METHODS = ['tls_client_auth', 'self_signed_tls_client_auth', 'client_secret_basic'];
const pair = ({ cert, key }: TestCertificate) => ({ cert, key });

describe('a source that authenticates by its certificate', () => {
  it.each([
    ['tls_client_auth', tlsClientAuth()],
    ['self_signed_tls_client_auth', selfSignedTlsClientAuth()],
  ])('%s: asks at the alias, with the certificate and no more than its id', async (_, authentication) => {
    const { resource, received, createSource } = await createTlsScene();
    const tokens = createSource(() => FIRST, { authentication });
    const response = await authorizedFetch(tokens)(resource);
    expect(await response.json()).toEqual({ token: 'Bearer token-1' });
    expect(received).toEqual([
      {
        at: 'alias',
        form: { grant_type: 'client_credentials', client_id: 'nightly-report', resource },
        authorization: undefined,
        fingerprint: FIRST.fingerprint,
      },
    ]);
  });

  it('asks at the token endpoint where the server names no other for certificates', async () => {
    const { received, createSource } = await createTlsScene({ alias: 'none', endpoint: WANTS_CERTIFICATE });
    await createSource(() => FIRST).getToken();
    expect(received).toMatchObject([{ at: 'token_endpoint', fingerprint: FIRST.fingerprint }]);
  });

  it('presents the certificate that was rotated in from the next connection on, without restart', async () => {
    const { received, registered, clock, createSource, endConnections } = await createTlsScene();
    let current = FIRST;
    const tokens = createSource(() => current);
    await tokens.getToken();
    current = SECOND;
    registered.delete(FIRST.fingerprint);
    endConnections();
    clock.ahead = 271_000;
    // A connection that the server is just closing may still be tried once.
    await vi.waitFor(async () => {
      await tokens.getToken();
      clock.ahead += 2000;
      expect(received).toHaveLength(2);
    });
    expect(received.map(({ fingerprint }) => fingerprint)).toEqual([FIRST.fingerprint, SECOND.fingerprint]);
  });

  it('is told invalid_client where it presents none, and does not ask again soon', async () => {
    const { received, events, createSource } = await createTlsScene({
      alias: { ...WANTS_CERTIFICATE, rejectUnauthorized: false },
    });
    for (const certificate of [undefined, () => STRANGER]) {
      const tokens = createSource(certificate);
      for (let call = 0; call < 20; call++) {
        const failure = await failureOf(tokens.getToken());
        expect(failure).toMatchObject({ code: 'invalid_client', retryAt: expect.any(Date) as Date });
      }
    }
    expect(received.map(({ at, fingerprint }) => [at, fingerprint])).toEqual([
      ['alias', undefined],
      ['alias', STRANGER.fingerprint],
    ]);
    expect(events.filter(({ type }) => type === 'credential_refused')).toHaveLength(2);
  });

  it('S4: is told that nobody answers where the handshake ends for want of one, and shows no key', async () => {
    const { received, events, createSource } = await createTlsScene();
    const failure = await failureOf(createSource(() => STRANGER).getToken());
    expect(failure).toMatchObject({ code: 'unreachable', step: 'token_request' });
    expect(received).toEqual([]);
    const shown = inspect([failure, events], { showHidden: true, depth: 12 });
    for (const line of STRANGER.key.split('\n').filter(({ length }) => length > 20)) {
      expect(shown).not.toContain(line);
    }
  });

  it('falls back on a secret, which goes to the ordinary endpoint alone', async () => {
    const { received, createSource } = await createTlsScene({
      alias: { ...WANTS_CERTIFICATE, rejectUnauthorized: false },
    });
    const authentication = [tlsClientAuth(), clientSecretBasic({ clientSecret: 'a-secret' })];
    await createSource(() => STRANGER, { authentication }).getToken();
    expect(received.map(({ at, authorization }) => [at, authorization?.slice(0, 6)])).toEqual([
      ['alias', undefined],
      ['token_endpoint', 'Basic '],
    ]);
  });
});
