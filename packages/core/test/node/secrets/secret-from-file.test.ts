import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { getuid, platform, seteuid } from 'node:process';
import { pathToFileURL } from 'node:url';
import { inspect, promisify } from 'node:util';
import { jwtVerify } from 'jose';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { clientSecretPost, createTokenSource, privateKeyJwt } from '../../../src/client/index.ts';
import { secretFromFile, type SecretFromFileOptions } from '../../../src/node/secrets/secret-from-file.ts';
import { failureOf } from '../../client/acquisition-failure.ts';
import { CLIENT_ID, createScene, SECRET } from '../../client/scene.ts';
import { prove, rejectionOf } from '../../client-authentication/token-request.ts';

const run = promisify(execFile);
let folder = '';
let file = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secret-from-file-'));
  file = join(folder, 'client-secret');
  const created = folder;
  onTestFinished(() => rm(created, { recursive: true, force: true }));
});

describe('secretFromFile', () => {
  it('reads a client secret, and a rotated one without a restart', async () => {
    const scene = await createScene();
    await writeFile(file, `${SECRET}\n`);
    const authentication = clientSecretPost({ clientSecret: secretFromFile(file) });
    const tokens = createTokenSource({ ...scene.options, authentication });
    await tokens.getToken();
    const before = await authentication.revision?.();
    scene.authority.registerClient({ clientId: CLIENT_ID, secret: 'the next one' });
    await writeFile(`${file}.new`, 'the next one\n');
    await rename(`${file}.new`, file);
    scene.authority.advanceSeconds(400);
    await tokens.getToken();
    expect(scene.acquisitions()).toEqual(['cold success', 'refresh success']);
    expect(await authentication.revision?.()).not.toBe(before);
  });

  it('reads a private key, and a rotated one without a restart', async () => {
    const authentication = privateKeyJwt({ key: secretFromFile(file), algorithm: 'ES256' });
    for (let rotation = 0; rotation < 3; rotation++) {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
      const { assertion } = await prove(authentication);
      await expect(jwtVerify(assertion, publicKey)).resolves.toBeDefined();
    }
  });

  it('follows the symbolic links that Kubernetes turns', async () => {
    for (const version of ['one', 'two']) {
      await mkdir(join(folder, `..${version}`));
      await writeFile(join(folder, `..${version}`, 'client-secret'), version);
    }
    await symlink('..one', join(folder, '..data'));
    await symlink(join('..data', 'client-secret'), file);
    const read = secretFromFile(file);
    expect(await read()).toBe('one');
    await symlink('..two', join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    expect(await read()).toBe('two');
  });

  it('sees a change that leaves size, inode and time of the file as they were', async () => {
    const read = secretFromFile(file);
    await writeFile(file, 'one');
    const { atime, mtime, ino } = await stat(file);
    expect(await read()).toBe('one');
    await writeFile(file, 'two');
    await utimes(file, atime, mtime);
    expect((await stat(file)).ino).toBe(ino);
    expect(await read()).toBe('two');
  });

  it.each([
    ['one line break at its end', 'secret\n', 'secret'],
    ['a line break of Windows', 'secret\r\n', 'secret'],
    ['a second line break kept', 'secret\n\n', 'secret\n'],
    ['spaces kept', ' secret \n', ' secret '],
    ['a byte order mark', '\uFEFFsecret', 'secret'],
    ['text beyond ASCII', 'ü😀', 'ü😀'],
    ['65536 bytes', 's'.repeat(65_536), 's'.repeat(65_536)],
  ])('reads %s', async (_, content, secret) => {
    await writeFile(file, content);
    expect(await secretFromFile(file)()).toBe(secret);
  });

  it('takes a file: URL, and a path relative to where it was called', async () => {
    await writeFile(file, 'secret');
    expect(await secretFromFile(pathToFileURL(file))()).toBe('secret');
    expect(await secretFromFile(relative(process.cwd(), file))()).toBe('secret');
  });

  it('may not be there yet: it is needed when it is used', async () => {
    const read = secretFromFile(file);
    expect(await rejectionOf(read())).toMatchObject({ name: 'ClientSecretError' });
    await writeFile(file, 'secret');
    expect(await read()).toBe('secret');
  });

  it('leaves nothing open, and nothing that keeps the process alive', async () => {
    await writeFile(file, 'secret');
    const module = new URL('../../../src/node/secrets/secret-from-file.ts', import.meta.url).href;
    const script = `
      import { readdirSync } from 'node:fs';
      import { secretFromFile } from ${JSON.stringify(module)};
      const read = secretFromFile(${JSON.stringify(file)});
      const open = () => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0);
      await read();
      const before = open();
      for (let use = 0; use < 50; use++) await read();
      for (let use = 0; use < 50; use++) await secretFromFile(${JSON.stringify(folder)})().catch(() => undefined);
      console.log(open() - before, process.getActiveResourcesInfo().filter((name) => /FS|Timeout/.test(name)).length);
    `;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script]);
    expect(stdout).toBe('0 0\n');
  });
});

describe('an error of secretFromFile', () => {
  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'is missing',
      async () => undefined,
      /cannot be read \(ENOENT\)\. There is no such file: check the path/,
    ],
    ['is a directory', () => mkdir(file), /is a directory\. Name the file in it/],
    ['is empty', () => writeFile(file, ''), /is empty\. Write the secret into it/],
    ['holds a line break alone', () => writeFile(file, '\n'), /is empty/],
    ['is too large', () => writeFile(file, 'canary'.repeat(20_000)), /more than 65536 bytes/],
    ['is UTF-16', () => writeFile(file, '\uFEFFcanary', 'utf16le'), /is not UTF-8 text\. Save it as UTF-8/],
    ['is binary', () => writeFile(file, Buffer.of(0x30, 0x82, 0xff, 0xfe)), /a key has to be in PEM/],
    [
      'leads in a circle',
      () => symlink('client-secret', file),
      /ELOOP\)\. Its symbolic links lead in a circle/,
    ],
  ])(
    'S1: names the file and the mend, and nothing of its content, when it %s',
    async (_, prepare, message) => {
      await prepare();
      const scene = await createScene();
      const authentication = clientSecretPost({ clientSecret: secretFromFile(file) });
      const error = await failureOf(createTokenSource({ ...scene.options, authentication }).getToken());
      expect(error.code).toBe('client_authentication_failed');
      const cause = error.cause as Error;
      expect(cause.name).toBe('ClientSecretError');
      expect(cause.message).toContain(`secretFromFile: ${file} `);
      expect(cause.message).toMatch(message);
      expect(inspect([error, scene.events], { depth: null, showHidden: true })).not.toContain('canary');
    },
  );

  it.skipIf(platform === 'win32')('does not wait for a pipe, a device or a socket', async () => {
    await run('mkfifo', [file]);
    const socket = join(folder, 'socket');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    for (const path of [file, '/dev/zero', '/dev/null']) {
      expect(String(await rejectionOf(secretFromFile(path)()))).toContain('is not a regular file');
    }
    expect(String(await rejectionOf(secretFromFile(socket)()))).toContain('cannot be read (ENXIO)');
  });

  it('tells of a path that leads through a file', async () => {
    await writeFile(file, 'canary');
    const error = await rejectionOf(secretFromFile(join(file, 'secret'))());
    expect(String(error)).toContain('ENOTDIR). A part of the path is a file');
  });

  it.skipIf(platform === 'win32')('tells of a file that may not be read', async () => {
    await writeFile(file, 'canary', { mode: 0o000 });
    if (getuid?.() === 0) {
      // Whom nothing is forbidden.
      seteuid?.('nobody');
      onTestFinished(() => seteuid?.(0));
    }
    expect(String(await rejectionOf(secretFromFile(file)()))).toContain('EACCES). Give the user');
  });

  it('shows no character of a path that could forge a line', async () => {
    const error = await rejectionOf(secretFromFile(join(folder, 'a\u001B[2Kb\u202Ec'))());
    expect(String(error)).toContain(String.raw`a\u{1b}[2Kb\u{202e}c`);
  });
});

describe('the options of secretFromFile', () => {
  it.skipIf(platform === 'win32')('refuse, with ownerOnly, a file that others may use', async () => {
    await writeFile(file, 'canary', { mode: 0o600 });
    const read = secretFromFile(file, { ownerOnly: true });
    expect(await read()).toBe('canary');
    for (const mode of [0o640, 0o604, 0o620, 0o644]) {
      await chmod(file, mode);
      const error = await rejectionOf(read());
      expect(String(error)).toContain(`(mode ${mode.toString(8)}). Change it with: chmod 600`);
      expect(inspect(error)).not.toContain('canary');
      expect(await secretFromFile(file)()).toBe('canary');
    }
    await chmod(file, 0o400);
    expect(await read()).toBe('canary');
  });

  it.each<[string, unknown, unknown, RegExp]>([
    ['no path', undefined, undefined, /takes the path of a file/],
    ['an empty path', '', undefined, /takes the path of a file/],
    ['PEM', '-----BEGIN PRIVATE KEY-----\ncanary', undefined, /not the secret itself/],
    ['a secret too long for a name', `canary${'x'.repeat(260)}`, undefined, /not the secret itself/],
    ['a NUL', 'canary\0', undefined, /takes the path of a file/],
    ['a URL of the web', new URL('https://canary.example/'), undefined, /its URL with file:/],
    [
      'an unknown option',
      '/secret',
      { ownerOny: true },
      /unknown option "ownerOny", did you mean "ownerOnly"/,
    ],
    ['what is no boolean', '/secret', { ownerOnly: 'yes' }, /ownerOnly must be true or false/],
  ])('S1: refuse %s at once, without showing it', (_, path, options, message) => {
    const attempt = () => secretFromFile(path as string, options as SecretFromFileOptions);
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow(/canary/);
  });
});
