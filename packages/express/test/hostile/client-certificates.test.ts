import { createHash, KeyObject } from 'node:crypto';
import { Agent, createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { mcpAuth, type Decision, type McpAuthOptions } from '@mcp-m2m/express';
import {
  createSigningKey,
  createTestAuthority,
  generateDpopKey,
  createDpopProof,
  parseChallenges,
  type SigningKey,
  type TestAuthority,
} from '@mcp-m2m/testing';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIST_TOOLS, METADATA_URL, RESOURCE } from '../protected-app.ts';
import { selfSignedCertificate } from './self-signed-certificate.ts';

/** A certificate and its key, as TLS wants them. */
interface Identity {
  readonly der: Buffer;
  readonly pem: string;
  readonly key: string;
  /** The member `x5t#S256` of a token bound to it. */
  readonly thumbprint: string;
}

let authority: TestAuthority;
let server: Identity;
let client: Identity;
let other: Identity;

beforeAll(async () => {
  authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
  const keys = await Promise.all([createSigningKey(), createSigningKey(), createSigningKey()]);
  [server, client, other] = keys.map(createIdentity) as [Identity, Identity, Identity];
});

afterAll(() => authority.close());

function createIdentity(key: SigningKey): Identity {
  const der = selfSignedCertificate(key);
  const body = der.toString('base64').replace(/(.{64})/g, '$1\n');
  return {
    der,
    pem: `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`,
    key: KeyObject.from(key.privateKey).export({ type: 'pkcs8', format: 'pem' }) as string,
    thumbprint: createHash('sha256').update(der).digest('base64url'),
  };
}

type Headers = Record<string, string | string[]>;

interface Answer {
  readonly status: number | undefined;
  readonly challenge: string | undefined;
}

interface TlsApp extends AsyncDisposable {
  readonly decisions: Decision[];
  /** Sends the requests one after the other over one connection, with this certificate or none. */
  readonly sendAll: (certificate: Identity | undefined, requests: readonly Headers[]) => Promise<Answer[]>;
  readonly send: (certificate: Identity | undefined, headers: Headers) => Promise<Answer>;
}

/** A TLS server that asks for a certificate, takes whichever comes, and leaves the rest to `protect()`. */
async function start(options: Partial<McpAuthOptions> = {}): Promise<TlsApp> {
  const decisions: Decision[] = [];
  const auth = mcpAuth({
    resource: RESOURCE,
    authorizationServers: [authority.issuer],
    access: { scopes: ['deploy:read'] },
    now: authority.now,
    onDecision: (decision) => decisions.push(decision),
    ...options,
  });
  const app = express();
  app.all('/mcp', auth.protect(), (incoming, response) => {
    response.json(auth.callerOf(incoming).clientId);
  });
  const tls = { cert: server.pem, key: server.key, requestCert: true, rejectUnauthorized: false };
  const listener = createServer(tls, app);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;

  const sendAll: TlsApp['sendAll'] = async (certificate, requests) => {
    const identity = certificate === undefined ? {} : { cert: certificate.pem, key: certificate.key };
    const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false, ...identity });
    const answers: Answer[] = [];
    for (const headers of requests) answers.push(await post(port, agent, headers));
    agent.destroy();
    return answers;
  };
  return {
    decisions,
    sendAll,
    send: async (certificate, headers) => {
      const [answer] = await sendAll(certificate, [headers]);
      return answer ?? { status: undefined, challenge: undefined };
    },
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => {
        listener.close(() => resolve());
        listener.closeAllConnections();
      });
    },
  };
}

function post(port: number, agent: Agent, headers: Headers): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/mcp', method: 'POST', agent };
    request({ ...options, headers: { 'content-type': 'application/json', ...headers } }, (response) => {
      response.resume().on('end', () => {
        resolve({ status: response.statusCode, challenge: response.headers['www-authenticate'] });
      });
    })
      .on('error', reject)
      .end(JSON.stringify(LIST_TOOLS));
  });
}

const tokenFor = ({ thumbprint }: Identity): string => authority.mint({ cnf: { 'x5t#S256': thumbprint } });
const bearer = (identity: Identity): Headers => ({ authorization: `Bearer ${tokenFor(identity)}` });

/** 401 invalid_token, in one Bearer challenge. */
function expectUnmet(app: TlsApp, { status, challenge = '' }: Answer): void {
  expect([status, app.decisions.at(-1)?.reason]).toEqual([401, 'sender_constraint_unmet']);
  const parameters = {
    error: 'invalid_token',
    error_description: 'The request needs the client certificate that the token is bound to.',
    scope: 'deploy:read',
    resource_metadata: METADATA_URL,
  };
  expect(parseChallenges(challenge)).toEqual([{ scheme: 'Bearer', parameters }]);
}

describe('a certificate of the TLS connection', () => {
  it('C36, RS22: that the token is bound to is served, on every request of the connection', async () => {
    await using app = await start();
    const answers = await app.sendAll(client, [bearer(client), bearer(client), bearer(client)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('C36: another one is refused, also after the token was served with its own', async () => {
    await using app = await start();
    const token = bearer(client);
    expect((await app.send(client, token)).status).toBe(200);
    expectUnmet(app, await app.send(other, token));
    expect((await app.send(client, token)).status).toBe(200);
  });

  it('C36: none is refused', async () => {
    await using app = await start();
    expectUnmet(app, await app.send(undefined, bearer(client)));
  });

  it('RS22: does not matter to a token that is bound to none', async () => {
    await using app = await start();
    const headers = { authorization: `Bearer ${authority.mint()}` };
    expect((await app.send(other, headers)).status).toBe(200);
    expect((await app.send(undefined, headers)).status).toBe(200);
  });

  it('C36: is judged for each token of one connection', async () => {
    await using app = await start();
    const answers = await app.sendAll(client, [bearer(client), bearer(other), bearer(client)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 200]);
  });

  it('C36: a certificate-bound token with the scheme DPoP is refused', async () => {
    await using app = await start();
    const answer = await app.send(client, { authorization: `DPoP ${tokenFor(client)}` });
    expect([answer.status, app.decisions.at(-1)?.expected]).toEqual([401, 'the scheme Bearer']);
    expect(answer.challenge).toMatch(/^Bearer error="invalid_token"/);
  });

  it.each([{ from: 'socket' } as const, undefined])(
    'C36: is the only one believed, whatever headers say (clientCertificate: %j)',
    async (clientCertificate) => {
      await using app = await start(clientCertificate === undefined ? {} : { clientCertificate });
      const forged = {
        'client-cert': `:${client.der.toString('base64')}:`,
        'x-client-cert': encodeURIComponent(client.pem),
        'ssl-client-cert': encodeURIComponent(client.pem),
        'x-forwarded-client-cert': `Cert="${encodeURIComponent(client.pem)}"`,
        'x-ssl-client-verify': 'SUCCESS',
      };
      expectUnmet(app, await app.send(other, { ...forged, ...bearer(client) }));
      expectUnmet(app, await app.send(undefined, { ...forged, ...bearer(client) }));
      expect((await app.send(client, { ...forged, ...bearer(client) })).status).toBe(200);
    },
  );
});

describe('a token bound to a key and to a certificate', () => {
  it('C36: needs both', async () => {
    await using app = await start();
    const key = await generateDpopKey();
    const token = authority.mint({ cnf: { jkt: key.thumbprint, 'x5t#S256': client.thumbprint } });
    const send = (certificate: Identity | undefined, scheme: string, proven: boolean) => {
      const options = { key, method: 'POST', url: RESOURCE, accessToken: token, now: authority.now };
      const dpop = proven ? { dpop: createDpopProof(options) } : {};
      return app.send(certificate, { authorization: `${scheme} ${token}`, ...dpop });
    };
    expect((await send(client, 'DPoP', true)).status).toBe(200);
    expect((await send(other, 'DPoP', true)).status).toBe(401);
    expect(app.decisions.at(-1)?.reason).toBe('sender_constraint_unmet');
    expect((await send(undefined, 'DPoP', true)).status).toBe(401);
    expect((await send(client, 'DPoP', false)).status).toBe(401);
    expect(app.decisions.at(-1)?.reason).toBe('proof_missing');
    expect((await send(client, 'Bearer', true)).status).toBe(401);
    expect(app.decisions.at(-1)?.reason).toBe('sender_constraint_unmet');
  });
});

describe('a certificate in a header, as the proxy says', () => {
  const FORMATS = {
    rfc9440: ({ der }: Identity) => `:${der.toString('base64')}:`,
    'url-encoded-pem': ({ pem }: Identity) => encodeURIComponent(pem),
    xfcc: ({ pem }: Identity) => `Cert="${encodeURIComponent(pem)}";Hash=00;Subject="CN=attacker, a comma"`,
  } as const;
  const ROWS = Object.keys(FORMATS).map((format) => format as keyof typeof FORMATS);
  const name = 'x-tls-certificate';

  it.each(ROWS)('RS22: is believed in the format %s, and the connection’s is not', async (format) => {
    await using app = await start({
      clientCertificate: { from: 'header', name: 'X-TLS-Certificate', format },
    });
    const write = FORMATS[format];
    expect((await app.send(undefined, { ...bearer(client), [name]: write(client) })).status).toBe(200);
    expect((await app.send(other, { ...bearer(client), [name]: write(client) })).status).toBe(200);
    expectUnmet(app, await app.send(undefined, { ...bearer(client), [name]: write(other) }));
    expectUnmet(app, await app.send(client, { ...bearer(client), [name]: write(other) }));
    expectUnmet(app, await app.send(client, bearer(client)));
    expectUnmet(app, await app.send(client, { ...bearer(client), 'client-cert': FORMATS.rfc9440(client) }));
  });

  it.each(ROWS)('C36: is refused in the format %s where it is malformed', async (format) => {
    await using app = await start({ clientCertificate: { from: 'header', name, format } });
    const good = FORMATS[format](client);
    const wrong = [
      '',
      good.slice(0, -40),
      good.slice(3),
      `${good},${good}`,
      `${good}, ${FORMATS[format](other)}`,
      `${good}x`,
      'Cert="%"',
      '%',
      ...ROWS.filter((one) => one !== format).map((one) => FORMATS[one](client)),
    ];
    for (const value of wrong) {
      const answer = await app.send(undefined, { ...bearer(client), [name]: value });
      expect([value, answer.status]).toEqual([value, 401]);
    }
  });

  it.each(ROWS)('C36: is refused in the format %s where the header comes twice', async (format) => {
    await using app = await start({ clientCertificate: { from: 'header', name, format } });
    const [own, foreign] = [FORMATS[format](client), FORMATS[format](other)];
    for (const values of [
      [own, own],
      [own, foreign],
      [foreign, own],
      ['', own],
      [own, ''],
    ]) {
      const answer = await app.send(undefined, { ...bearer(client), [name]: values });
      expect([values, answer.status]).toEqual([values, 401]);
    }
  });

  it('RS22: is looked for in Client-Cert, in RFC 9440’s format, unless told otherwise', async () => {
    await using app = await start({ clientCertificate: { from: 'header' } });
    const headers = { ...bearer(client), 'Client-Cert': FORMATS.rfc9440(client) };
    expect((await app.send(undefined, headers)).status).toBe(200);
  });
});

describe('wrong options', () => {
  it.each<[string, unknown, RegExp]>([
    ['an unknown source', { from: 'proxy' }, /^clientCertificate\.from must be "socket" or "header"/],
    ['no source', { format: 'xfcc' }, /^clientCertificate\.from/],
    ['an unknown format', { from: 'header', format: 'pem' }, /^clientCertificate\.format must be rfc9440 or/],
    ['a format from the prototype', { from: 'header', format: 'toString' }, /^clientCertificate\.format/],
    ['a name that is no header’s', { from: 'header', name: 'x y' }, /^clientCertificate\.name must be/],
    ['a format for the socket', { from: 'socket', format: 'xfcc' }, /^clientCertificate with from: "socket"/],
    ['an unknown option', { from: 'header', header: 'x' }, /^clientCertificate: unknown option "header"/],
  ])('RS22: %s, refuse to start', async (_, clientCertificate, message) => {
    await expect(start({ clientCertificate } as Partial<McpAuthOptions>)).rejects.toThrow(message);
  });
});
