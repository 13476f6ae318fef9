import { execFileSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { getuid, seteuid } from 'node:process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { assertionFromFile } from '../../../src/node/workload-identity/assertion-from-file.ts';
import { createFolder, createRequest, createToken, failureOf } from './scene.ts';

async function createFile(content: string | Uint8Array): Promise<string> {
  const path = join(await createFolder(), 'token');
  await writeFile(path, content);
  return path;
}

describe('assertionFromFile', () => {
  it('reads the file at every use', async () => {
    const [first, second] = [await createToken(), await createToken()];
    const path = await createFile(`${first}\n`);
    const source = assertionFromFile(path);
    expect(await source.getAssertion(createRequest())).toBe(first);
    await writeFile(path, second);
    expect(await source.getAssertion(createRequest())).toBe(second);
  });

  it('gives again once a file that had not been there is', async () => {
    const path = join(await createFolder(), 'token');
    const source = assertionFromFile(path);
    const error = await failureOf(source.getAssertion(createRequest()));
    expect([error.from, error.received, error.passing]).toEqual([path, 'no such file', true]);
    await writeFile(path, await createToken());
    expect(await source.getAssertion(createRequest())).toMatch(/^eyJ/);
  });

  it('takes the audience that is named instead of the issuer', async () => {
    const token = await createToken({ aud: 'agreed' });
    const path = await createFile(token);
    expect(await assertionFromFile(path, { audience: 'agreed' }).getAssertion(createRequest())).toBe(token);
    const { expected } = await failureOf(assertionFromFile(path).getAssertion(createRequest()), [token]);
    expect(expected).toContain('https://as.example.com');
  });

  it('refuses a file that is larger than any token', async () => {
    const path = await createFile('x'.repeat(65_537));
    const error = await failureOf(assertionFromFile(path).getAssertion(createRequest()));
    expect([error.received, error.passing]).toEqual(['a longer one', false]);
  });

  it('refuses a device that never ends', async () => {
    const error = await failureOf(assertionFromFile('/dev/zero').getAssertion(createRequest()));
    expect(error.received).toBe('something that is no file');
  });

  it('refuses a folder', async () => {
    const error = await failureOf(assertionFromFile(await createFolder()).getAssertion(createRequest()));
    expect(error.received).toBe('something that is no file');
  });

  it('refuses a pipe, and does not wait for its writer', async () => {
    const path = join(await createFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    const error = await failureOf(assertionFromFile(path).getAssertion(createRequest()));
    expect(error.received).toBe('something that is no file');
  });

  it('says that it may not read the file', async () => {
    const path = await createFile(await createToken());
    await chmod(dirname(path), 0o755);
    await chmod(path, 0);
    if (getuid?.() === 0) {
      // Whom nothing is forbidden.
      seteuid?.('nobody');
      onTestFinished(() => seteuid?.(0));
    }
    const error = await failureOf(assertionFromFile(path).getAssertion(createRequest()));
    expect([error.received, error.passing]).toEqual(['no permission to read it', false]);
  });

  it('shows neither the content of a file of another kind nor bytes that are no text', async () => {
    const secret = 'canary-of-an-api-key';
    for (const content of [secret, Buffer.concat([Buffer.from(secret), Buffer.from([0xff, 0, 7])])]) {
      const path = await createFile(content);
      const error = await failureOf(assertionFromFile(path).getAssertion(createRequest()), [secret]);
      expect(error.received).toMatch(/^a text of \d+ characters that is no JWT$/);
    }
  });

  it('ends with the reason of a request that is over', async () => {
    const path = await createFile(await createToken());
    const signal = AbortSignal.abort(new Error('over'));
    await expect(assertionFromFile(path).getAssertion(createRequest({ signal }))).rejects.toThrow('over');
  });

  it('refuses wrong options when it is made', () => {
    expect(() => assertionFromFile('')).toThrow('path must be a non-empty string');
    expect(() => assertionFromFile('a\0b')).toThrow('path must be a non-empty string');
    expect(() => assertionFromFile('/token', { audiences: 'x' } as never)).toThrow('did you mean "audience"');
  });
});
