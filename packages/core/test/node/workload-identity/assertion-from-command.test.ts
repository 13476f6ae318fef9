import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env, execPath, kill } from 'node:process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { assertionFromCommand } from '../../../src/node/workload-identity/assertion-from-command.ts';
import { ISSUER, createFolder, createRequest, createToken, failureOf } from './scene.ts';

/** A Node.js program in a file of its own. */
async function createScript(source: string): Promise<string> {
  const path = join(await createFolder(), 'script.mjs');
  await writeFile(path, source);
  return path;
}

/** Whether a process is gone, which takes a moment after it was killed. */
async function hasEnded(id: number): Promise<boolean> {
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      kill(id, 0);
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return false;
}

/** A program that writes its process id to a file and then never ends; and how to wait for it. */
async function createEndlessScript(): Promise<{ script: string; started: () => Promise<number> }> {
  const pidFile = join(await createFolder(), 'pid');
  const script = await createScript(
    `import { writeFileSync } from 'node:fs';
    process.on('SIGTERM', () => {});
    writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
    setInterval(() => {}, 1000);`,
  );
  return {
    script,
    async started() {
      for (;;) {
        const id = Number(await readFile(pidFile, 'utf8').catch(() => ''));
        if (id > 0) return id;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
  };
}

describe('assertionFromCommand', () => {
  it('runs the command at every use and takes what it writes', async () => {
    const [first, second] = [await createToken(), await createToken()];
    const path = join(await createFolder(), 'token');
    const script = await createScript(
      `import { readFileSync } from 'node:fs'; console.log(readFileSync(process.argv[2], 'utf8'));`,
    );
    const source = assertionFromCommand(execPath, [script, path]);
    await writeFile(path, first);
    const request = createRequest();
    expect(await source.getAssertion(request)).toBe(first);
    await writeFile(path, second);
    expect(await source.getAssertion(request)).toBe(second);
    expect(request.concealed).toEqual([first, second]);
  });

  it('makes the arguments for the audience, and hands them on as they are', async () => {
    const token = await createToken({ aud: 'a b; $(id)' });
    const script = await createScript(
      `if (process.argv[2] === '--audience=a b; $(id)') console.log(${JSON.stringify(token)});`,
    );
    const source = assertionFromCommand(execPath, (audience) => [script, `--audience=${audience}`], {
      audience: 'a b; $(id)',
    });
    expect(await source.getAssertion(createRequest())).toBe(token);
    const refused = assertionFromCommand(execPath, (audience) => [script, `--audience=${audience}`]);
    expect((await failureOf(refused.getAssertion(createRequest()))).received).toBe('nothing');
  });

  it('runs no shell', async () => {
    const error = await failureOf(
      assertionFromCommand(`${execPath} --version; echo`).getAssertion(createRequest()),
    );
    expect([error.received, error.passing]).toEqual(['ENOENT', false]);
  });

  it('gives the command nothing of the environment but the path and the home folder', async () => {
    env['CANARY_OF_A_SECRET'] = 'canary-of-a-secret';
    onTestFinished(() => {
      delete env['CANARY_OF_A_SECRET'];
    });
    const token = await createToken();
    const script = await createScript(
      `const { PATH, HOME, ...others } = process.env;
      const strangers = Object.keys(others).filter((name) => name !== '__CF_USER_TEXT_ENCODING');
      console.log(PATH && strangers.length === 0 ? ${JSON.stringify(token)} : 'no');`,
    );
    expect(await assertionFromCommand(execPath, [script]).getAssertion(createRequest())).toBe(token);
  });

  it('gives the command the environment that is named, and no other', async () => {
    const token = await createToken();
    const script = await createScript(
      `console.log(JSON.stringify(process.env) === '{"TOKEN":"' + process.env.TOKEN + '"}' ? process.env.TOKEN : 'no');`,
    );
    const environment = { TOKEN: token, ABSENT: undefined };
    const source = assertionFromCommand(execPath, [script], { environment });
    expect(await source.getAssertion(createRequest())).toBe(token);
  });

  it('answers a command that asks for something with the end of its input', async () => {
    const token = await createToken();
    const script = await createScript(
      `process.stdin.resume().on('end', () => console.log(${JSON.stringify(token)}));`,
    );
    expect(await assertionFromCommand(execPath, [script]).getAssertion(createRequest())).toBe(token);
  });

  it('kills a command that takes too long, even one that does not heed a polite request', async () => {
    const { script, started } = await createEndlessScript();
    const source = assertionFromCommand(execPath, [script], { timeoutMilliseconds: 3000 });
    const failure = failureOf(source.getAssertion(createRequest()));
    const id = await started();
    const error = await failure;
    expect([error.expected, error.passing]).toEqual(['an end within 3000 ms', true]);
    expect(await hasEnded(id)).toBe(true);
  });

  it('kills a command that is no longer wanted', async () => {
    const { script, started } = await createEndlessScript();
    const controller = new AbortController();
    const source = assertionFromCommand(execPath, [script], { timeoutMilliseconds: 60_000 });
    const pending = source.getAssertion(createRequest({ signal: controller.signal }));
    const [id] = await Promise.all([
      started().then((pid) => {
        controller.abort(new Error('over'));
        return pid;
      }),
      expect(pending).rejects.toThrow('over'),
    ]);
    expect(await hasEnded(id)).toBe(true);
  });

  it('starts nothing for a request that is over', async () => {
    const path = join(await createFolder(), 'started');
    const script = await createScript(
      `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(path)}, '');`,
    );
    const signal = AbortSignal.abort(new Error('over'));
    const source = assertionFromCommand(execPath, [script]);
    await expect(source.getAssertion(createRequest({ signal }))).rejects.toThrow('over');
    await assertionFromCommand(execPath, ['--version'])
      .getAssertion(createRequest())
      .catch(() => undefined);
    await expect(readFile(path)).rejects.toThrow('ENOENT');
  });

  it('kills a command that writes without end', async () => {
    const script = await createScript(
      `const write = () => process.stdout.write('x'.repeat(65536), write); write();`,
    );
    const error = await failureOf(assertionFromCommand(execPath, [script]).getAssertion(createRequest()));
    expect([error.expected, error.passing]).toEqual(['at most 1048576 bytes', false]);
  });

  it('S2: shows neither arguments nor output of a command that fails', async () => {
    const secrets = [await createToken(), 'canary-in-an-argument', 'canary-on-standard-error'];
    const script = await createScript(
      `console.log(${JSON.stringify(secrets[0])}); console.error('canary-on-standard-error'); process.exitCode = 3;`,
    );
    const source = assertionFromCommand(execPath, [script, 'canary-in-an-argument']);
    const error = await failureOf(source.getAssertion(createRequest()), secrets);
    expect([error.from, error.received, error.passing]).toEqual([execPath, 'exit code 3', true]);
  });

  it('tells a command that was killed by somebody else', async () => {
    const script = await createScript(`process.kill(process.pid, 'SIGKILL');`);
    const error = await failureOf(assertionFromCommand(execPath, [script]).getAssertion(createRequest()));
    expect(error.received).toBe('the signal SIGKILL');
  });

  it('refuses a token for another audience', async () => {
    const token = await createToken({ aud: 'https://other.example' });
    const script = await createScript(`console.log(${JSON.stringify(token)});`);
    const error = await failureOf(assertionFromCommand(execPath, [script]).getAssertion(createRequest()), [
      token,
    ]);
    expect(error.expected).toContain(ISSUER);
  });

  it.each([
    [['', []], 'command must be a non-empty string'],
    [['a\0b', []], 'command must be a non-empty string'],
    [['node', 'script.mjs'], 'args must be an array of strings'],
    [['node', [1]], 'args must be an array of strings'],
    [['node', ['a\0']], 'args must be an array of strings'],
    [['node', [], { shell: true }], 'unknown option "shell"'],
    [['node', [], { timeoutMilliseconds: 0 }], 'timeoutMilliseconds must be a whole number'],
  ])('refuses %j', (parameters, message) => {
    expect(() => assertionFromCommand(...(parameters as [string, string[]]))).toThrow(message);
  });
});
