import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { json, text } from 'node:stream/consumers';
import type { SecureContextOptions } from 'node:tls';

import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';

import { createAuthorizationServer } from '../../src/index.ts';
import { basic, GRANT, MCP, requestToken, SECRET_KEY } from '../running-server.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';
import { startProgram, type RunningProgram } from './running-program.ts';

interface Credential {
  readonly clientId: string;
  readonly clientSecret: string;
}

describe('the program', () => {
  let folder: string;
  beforeEach(() => (folder = createTemporaryFolder()));

  /** Makes a certificate and a private key, in files of that name. */
  function certify(commonName: string, name = commonName): [string, string] {
    const files: [string, string] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
    // prettier-ignore
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
      '-days', '2', '-subj', `/CN=${commonName}`, '-out', files[0], '-keyout', files[1]], { stdio: 'ignore' });
    return files;
  }

  const environment = () => ({ MCP_M2M_SECRET_KEY: SECRET_KEY, MCP_M2M_PORT: '0' });

  function configure(settings: object = {}): string {
    const path = join(folder, 'config.json');
    const resources = [{ resource: MCP, scopes: ['deploy:read'] }];
    const database = join(folder, 'auth.sqlite');
    const bootstrapCredentialFile = join(folder, 'credential.json');
    const all = {
      issuer: 'http://127.0.0.1:4000',
      database,
      resources,
      bootstrapCredentialFile,
      shutdown: { delaySeconds: 0 },
      ...settings,
    };
    writeFileSync(path, JSON.stringify(all));
    return path;
  }

  async function start(settings: object = {}): Promise<{ program: RunningProgram; url: string }> {
    const program = startProgram(['--config', configure(settings)], environment());
    const { url } = await program.line('listening');
    return { program, url: String(url) };
  }

  it('issues tokens to the first administrator, whose secret it never prints, and stops when told', async () => {
    const { program, url } = await start({ log: { level: 'debug' } });
    const file = join(folder, 'credential.json');
    expect(program.lines.find(({ clientId }) => clientId === 'bootstrap-administrator')).toBeDefined();
    expect(program.output()).toContain(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { clientId, clientSecret } = JSON.parse(readFileSync(file, 'utf8')) as Credential;
    const answer = await requestToken({ issuer: url }, GRANT, basic(clientId, clientSecret));
    expect(answer.body).toMatchObject({ token_type: 'Bearer', scope: 'admin:read admin:write' });
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    program.process.kill('SIGTERM');
    expect(await program.exited()).toEqual({ code: 0, signal: null });
    expect(program.lines).toContainEqual(expect.objectContaining({ msg: 'stopped', level: 'info' }));
    for (const canary of [SECRET_KEY, clientSecret, String(answer.body['access_token'])]) {
      expect(program.output()).not.toContain(canary);
    }
    expect(program.lines.map(({ event }) => event)).toContain('token_issued');
  });

  it('drops no request of a crowd with kept connections when it is told to stop', async () => {
    const { program, url } = await start({ shutdown: { delaySeconds: 1 } });
    const file = join(folder, 'credential.json');
    const { clientId, clientSecret } = JSON.parse(readFileSync(file, 'utf8')) as Credential;
    const statuses: unknown[] = [];
    let ready = true;
    const isReady = () => ready;
    const crowd = Array.from({ length: 10 }, async () => {
      while (isReady()) {
        statuses.push(
          await requestToken({ issuer: url }, GRANT, basic(clientId, clientSecret)).then(
            ({ status }) => status,
            (error: unknown) => error,
          ),
        );
      }
    });
    await expect.poll(() => statuses.length).toBeGreaterThan(50);
    program.process.kill('SIGTERM');
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(503);
    const before = statuses.length;
    await expect.poll(() => statuses.length).toBeGreaterThan(before + 20);
    ready = false;
    await Promise.all(crowd);
    expect(await program.exited()).toEqual({ code: 0, signal: null });
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
  });

  it('starts again on the same database, without another administrator', async () => {
    const first = await start();
    first.program.process.kill('SIGINT');
    expect(await first.program.exited()).toEqual({ code: 0, signal: null });
    const second = await start();
    expect(second.program.output()).not.toContain('credential.json');
    second.program.process.kill('SIGTERM');
    expect((await second.program.exited()).code).toBe(0);
  });

  it('serves measures on a listener of their own', async () => {
    const { program, url } = await start({ operations: { port: 0 } });
    const { operationsUrl } = await program.line('listening');
    const measures = await fetch(`${String(operationsUrl)}/metrics`);
    expect(measures.headers.get('content-type')).toContain('text/plain');
    expect(await measures.text()).toMatch(/signing_key_age_seconds \d[\s\S]*process_cpu_seconds_total/);
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
  });

  it('binds tokens to the certificate of a client, over TLS', async () => {
    const prepared = await createAuthorizationServer({
      issuer: 'http://127.0.0.1:4000',
      database: join(folder, 'auth.sqlite'),
      secretKey: SECRET_KEY,
      resources: [{ resource: MCP, scopes: [] }],
      clientCertificate: { from: 'socket' },
    });
    const { secret } = await prepared.clients.create({
      clientId: 'bound',
      authentication: { method: 'secret' },
      access: [{ resource: MCP, scopes: [] }],
      senderConstraint: 'mtls',
    });
    await prepared.close();
    const [certificateFile, privateKeyFile] = certify('server');
    const { url } = await start({ listen: { certificateFile, privateKeyFile } });
    const certified = certify('client').map((path) => readFileSync(path)) as [Buffer, Buffer];
    const ask = async (credentials: SecureContextOptions) =>
      await new Promise<{ access_token?: string }>((resolve, reject) => {
        const headers = {
          ...basic('bound', secret as string),
          'content-type': 'application/x-www-form-urlencoded',
        };
        const options = { method: 'POST', headers, rejectUnauthorized: false, agent: false, ...credentials };
        httpsRequest(`${url}/token`, options, (response) => {
          json(response).then((body) => resolve(body as { access_token?: string }), reject);
        })
          .once('error', reject)
          .end(new URLSearchParams(GRANT).toString());
      });
    expect((await ask({})).access_token).toBeUndefined();
    const { access_token: token = '' } = await ask({ cert: certified[0], key: certified[1] });
    expect(decodeJwt(token)['cnf']).toEqual({
      'x5t#S256': createHash('sha256').update(new X509Certificate(certified[0]).raw).digest('base64url'),
    });
  });

  it('has refusals in the audit trail within moments, though it be killed', async () => {
    const { program, url } = await start();
    for (let attempt = 0; attempt < 5; attempt++) {
      await requestToken({ issuer: url }, GRANT, basic('unknown', 'x'));
    }
    const database = new DatabaseSync(join(folder, 'auth.sqlite'), { readOnly: true });
    const count = () =>
      database
        .prepare("select count(*) as count from audit_events where reason = 'client_unknown'")
        .get() as { count: number };
    await expect.poll(() => count().count, { timeout: 20_000 }).toBe(5);
    database.close();
    program.process.kill('SIGKILL');
    await program.exited();
    const again = new DatabaseSync(join(folder, 'auth.sqlite'));
    const types = again.prepare('select distinct type from audit_events').all();
    expect(types).toContainEqual({ type: 'token_refused' });
    expect(types).toContainEqual({ type: 'client_created' });
    again.close();
  });

  it('speaks TLS, asks clients for a certificate, and reads its own anew', async () => {
    const [certificateFile, privateKeyFile] = certify('first');
    const { program, url } = await start({ listen: { certificateFile, privateKeyFile } });
    expect(url).toMatch(/^https:/);
    const ask = async () =>
      await new Promise<{ status: number | undefined; body: string; name: string }>((resolve, reject) => {
        const options = { rejectUnauthorized: false, agent: false };
        httpsRequest(`${url}/healthz`, options, (response) => {
          const { subject } = (
            response.socket as unknown as { getPeerCertificate(): { subject: { CN: string } } }
          ).getPeerCertificate();
          text(response).then(
            (body) => resolve({ status: response.statusCode, body, name: subject.CN }),
            reject,
          );
        })
          .once('error', reject)
          .end();
      });
    expect(await ask()).toEqual({ status: 200, body: '{"status":"alive"}', name: 'first' });
    certify('second', 'first');
    program.process.kill('SIGHUP');
    await program.line('read the certificate anew');
    expect((await ask()).name).toBe('second');
    writeFileSync(privateKeyFile, 'broken');
    program.process.kill('SIGHUP');
    await expect.poll(() => program.output()).toContain('must hold a certificate and its private key');
    expect((await ask()).name).toBe('second');
  });

  it('tells all mistakes of its configuration and ends with 2, in a check as well as in a start', async () => {
    const config = configure({ issuer: 'x', listen: { port: -1 } });
    for (const args of [
      ['--config', config],
      ['--config', config, '--check-config'],
    ]) {
      const program = startProgram(args, { MCP_M2M_SECRET_KEY: SECRET_KEY });
      expect(await program.exited()).toEqual({ code: 2, signal: null });
      expect(program.output()).toMatch(/^There are 2 mistakes:\n- .*\n- .*\n$/);
      expect(program.output()).toContain('listen.port must be');
    }
  });

  it('tells that a configuration is in order, and leaves it at that', async () => {
    const program = startProgram(['--config', configure(), '--check-config'], environment());
    expect(await program.exited()).toEqual({ code: 0, signal: null });
    expect(program.output()).toBe('The configuration is in order.\n');
    expect(() => statSync(join(folder, 'auth.sqlite'))).toThrow('ENOENT');
  });

  it('finds its configuration by the environment', async () => {
    const program = startProgram(['--check-config'], { ...environment(), MCP_M2M_CONFIG: configure() });
    expect((await program.exited()).code).toBe(0);
  });

  it.each([
    [['--help'], 0, 'Usage: mcp-m2m-authorization-server'],
    [['--version'], 0, /^\d+\.\d+\.\d+\n$/],
    [['--secret-key', 'x'], 2, "Unknown option '--secret-key'"],
    [['serve'], 2, 'Unexpected argument'],
    [['--config', '/nowhere.json'], 2, 'The configuration /nowhere.json cannot be read'],
  ])('called with %o ends with %i', async (args, code, expected) => {
    const program = startProgram(args);
    expect((await program.exited()).code).toBe(code);
    expect(program.output()).toMatch(expected);
  });

  it('ends with 1 and says why when the port is taken, and when the database is', async () => {
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const { port } = http.address() as AddressInfo;
    const taken = startProgram(['--config', configure()], { ...environment(), MCP_M2M_PORT: String(port) });
    expect((await taken.exited()).code).toBe(1);
    expect(taken.lines.at(-1)).toMatchObject({ level: 'fatal', msg: expect.stringContaining('EADDRINUSE') });
    http.close();
    const { program } = await start();
    const second = startProgram(['--config', join(folder, 'config.json')], environment());
    expect((await second.exited()).code).toBe(1);
    expect(second.lines.at(-1)).toMatchObject({ level: 'fatal', code: 'database_in_use' });
    expect(program.process.exitCode).toBeNull();
  });
});
