import { readFile, writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestCertificate } from '@mcp-m2m/testing';
import { openFetch, refusalOf, rejectionOf } from './open-fetch.ts';
import { startTlsServer } from './tls-server.ts';

const SERVER = createTestCertificate('127.0.0.1', 'mcp.example.com');
const FIRST = createTestCertificate();
const SECOND = createTestCertificate();
const WANTED = { requestCert: true, ca: [FIRST.cert, SECOND.cert] };

describe('a client certificate', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'is presented to a server that asks for one, by %s',
    async (version) => {
      const { port, handshakes } = await startTlsServer(SERVER, {
        ...WANTED,
        minVersion: version,
        maxVersion: version,
      });
      const { cert, key } = FIRST;
      const fetch = openFetch({ allowLoopback: true, ca: SERVER.cert, certificate: { cert, key } });
      for (let call = 0; call < 3; call++) {
        expect(await (await fetch(`https://127.0.0.1:${port}/`)).text()).toBe(FIRST.fingerprint);
      }
      expect(handshakes).toEqual([{ version, name: false, resumed: false }]);
    },
  );

  it('that is missing makes the server end the connection', async () => {
    const { port } = await startTlsServer(SERVER, WANTED);
    const fetch = openFetch({ allowLoopback: true, ca: SERVER.cert });
    expect(await rejectionOf(fetch(`https://127.0.0.1:${port}/`))).toMatchObject({
      message: 'fetch failed',
      cause: { code: expect.stringMatching(/CERTIFICATE_REQUIRED|ECONNRESET|EPIPE/) as string },
    });
  });

  it('that was replaced in its files is used by new connections, without restart', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'certificate-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const files = { cert: path.join(folder, 'tls.crt'), key: path.join(folder, 'tls.key') };
    const put = async ({ cert, key }: { cert: string; key: string }): Promise<void> => {
      await writeFile(files.cert, cert);
      await writeFile(files.key, key);
    };
    await put(FIRST);
    const { port, connections, handshakes, endConnections } = await startTlsServer(SERVER, WANTED);
    const fetch = openFetch({
      allowLoopback: true,
      ca: async () => SERVER.cert,
      certificate: async () => ({ cert: await readFile(files.cert), key: await readFile(files.key) }),
    });
    const ask = async (): Promise<string> => (await fetch(`https://127.0.0.1:${port}/`)).text();
    expect(await ask()).toBe(FIRST.fingerprint);
    await put(SECOND);
    expect([await ask(), connections()]).toEqual([FIRST.fingerprint, 1]);
    endConnections();
    await expect.poll(ask).toBe(SECOND.fingerprint);
    expect(handshakes.map(({ resumed }) => resumed)).toEqual(handshakes.map(() => false));
  });

  it('that was replaced ends the use of connections with the one before, to every server', async () => {
    let current = FIRST;
    const [one, other] = [await startTlsServer(SERVER, WANTED), await startTlsServer(SERVER, WANTED)];
    const fetch = openFetch({ allowLoopback: true, ca: SERVER.cert, certificate: () => pair(current) });
    const ask = async (port: number): Promise<string> => (await fetch(`https://127.0.0.1:${port}/`)).text();
    expect(await ask(one.port)).toBe(FIRST.fingerprint);
    current = SECOND;
    // This needs a new connection, and so the change is seen.
    expect(await ask(other.port)).toBe(SECOND.fingerprint);
    expect(await ask(one.port)).toBe(SECOND.fingerprint);
    expect([one.connections(), other.connections()]).toEqual([2, 1]);
  });

  it('that was replaced while a request was under way lets it end, and its connection is not kept', async () => {
    let current = FIRST;
    const { port, connections, hold } = await startTlsServer(SERVER, WANTED);
    const fetch = openFetch({ allowLoopback: true, ca: SERVER.cert, certificate: () => pair(current) });
    const ask = async (): Promise<string> => (await fetch(`https://127.0.0.1:${port}/`)).text();
    const { arrived, release } = hold();
    const underWay = ask();
    await arrived;
    current = SECOND;
    expect(await ask()).toBe(SECOND.fingerprint);
    release();
    expect(await underWay).toBe(FIRST.fingerprint);
    expect(await Promise.all([ask(), ask()])).toEqual([SECOND.fingerprint, SECOND.fingerprint]);
    expect(connections()).toBe(3);
  });

  it('that is read between two halves of a replacement is read once more', async () => {
    const { port } = await startTlsServer(SERVER, WANTED);
    const answers = [{ cert: FIRST.cert, key: SECOND.key }, pair(SECOND)];
    const fetch = openFetch({
      allowLoopback: true,
      ca: SERVER.cert,
      certificate: () => answers.shift() ?? pair(SECOND),
    });
    expect(await (await fetch(`https://127.0.0.1:${port}/`)).text()).toBe(SECOND.fingerprint);
  });

  it.each<[string, () => { cert: string; key: string }, string]>([
    ['cannot be read', () => failing(FIRST.key), 'could not be read: ENOENT'],
    ['is empty', () => ({ cert: '', key: FIRST.key }), 'could not be read: no PEM text'],
    ['is of another key', () => ({ cert: FIRST.cert, key: SECOND.key }), 'cannot be used: ERR_'],
  ])('that %s is a typed error without the key, and nothing is sent', async (_, certificate, expected) => {
    const { port, connections } = await startTlsServer(SERVER, {
      requestCert: true,
      rejectUnauthorized: false,
    });
    const fetch = openFetch({ allowLoopback: true, ca: SERVER.cert, certificate });
    const error = await refusalOf(fetch(`https://127.0.0.1:${port}/`));
    expect(error.code).toBe('certificate_unusable');
    expect(error.message).toContain(expected);
    const shown = inspect(error, { depth: 9, showHidden: true });
    for (const { key } of [FIRST, SECOND]) expect(shown).not.toContain(key.split('\n')[1]);
    expect(connections()).toBe(0);
  });

  it('that hangs in its function is bounded by the time for a connection', async () => {
    const fetch = openFetch({
      allowLoopback: true,
      connectTimeoutMilliseconds: 50,
      certificate: () => new Promise(() => undefined),
    });
    expect((await refusalOf(fetch('https://127.0.0.1:9/'))).code).toBe('connect_timeout');
  });
});

describe('the certificate of a server', () => {
  it('is verified by the well-known authorities unless ca says otherwise', async () => {
    const { port, connections } = await startTlsServer(SERVER);
    expect(await rejectionOf(openFetch({ allowLoopback: true })(`https://127.0.0.1:${port}/`))).toMatchObject(
      {
        message: 'fetch failed',
        cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
      },
    );
    const other = openFetch({ allowLoopback: true, ca: FIRST.cert });
    await rejectionOf(other(`https://127.0.0.1:${port}/`));
    expect(connections()).toBe(0);
  });

  it('must be for the host of the URL, and the Host header of the caller is not heeded', async () => {
    const { port, handshakes } = await startTlsServer(SERVER);
    const fetch = openFetch({
      allowLoopback: true,
      ca: SERVER.cert,
      lookup: (_hostname, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    });
    const headers = { host: 'mcp.example.com' };
    expect(await rejectionOf(fetch(`https://evil.example.com:${port}/`, { headers }))).toMatchObject({
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
    expect((await fetch(`https://mcp.example.com.:${port}/`)).status).toBe(200);
    expect(handshakes.at(-1)?.name).toBe('mcp.example.com');
  });

  it('is verified even if the environment says not to', async () => {
    const { port } = await startTlsServer(SERVER);
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    onTestFinished(() => void delete process.env.NODE_TLS_REJECT_UNAUTHORIZED);
    await expect(openFetch({ allowLoopback: true })(`https://127.0.0.1:${port}/`)).rejects.toThrow(
      'fetch failed',
    );
  });
});

function pair({ cert, key }: { cert: string; key: string }): { cert: string; key: string } {
  return { cert, key };
}

function failing(key: string): never {
  throw Object.assign(new Error(`no such file: ${key}`), { code: 'ENOENT', key });
}
