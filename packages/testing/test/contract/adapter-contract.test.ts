import { AssertionError } from 'node:assert';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  adapterContract,
  type AdapterContractOptions,
  type ContractServer,
  type ContractServerOptions,
  type StartContractServer,
} from '../../src/contract/index.ts';

/** A server that protects nothing, and what became of it. */
function createUnprotected() {
  const started: ContractServerOptions[] = [];
  let open = 0;
  const start: StartContractServer = async (options): Promise<ContractServer> => {
    started.push(options);
    open++;
    const server = createServer((_request, response) => response.end('{}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
      origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      close: () =>
        new Promise((resolve) => {
          open--;
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    };
  };
  return { start, started, openServers: () => open };
}

describe('adapterContract', () => {
  it('starts nothing before a case runs', () => {
    const { start, started } = createUnprotected();
    expect(adapterContract(start).length).toBeGreaterThan(100);
    expect(started).toEqual([]);
  });

  it.each([{}, { bodies: 'parser-first' }, { path: '/a/b-c/mcp' }] as const)(
    'names every case once (%o)',
    (options) => {
      const names = adapterContract(createUnprotected().start, options).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    },
  );

  it('fails every case on a server that protects nothing, and closes it', async () => {
    const { start, openServers } = createUnprotected();
    const passed: string[] = [];
    // One after the other: a silent server is waited for, and a busy machine would look like one.
    for (const { name, run } of adapterContract(start, { answerTimeoutMilliseconds: 300 })) {
      const failure: unknown = await run().catch((error: unknown) => error);
      if (failure === undefined) passed.push(name);
    }
    expect(passed).toEqual([]);
    expect(openServers()).toBe(0);
  });

  it('fails with what was expected and what was received', async () => {
    const [first] = adapterContract(createUnprotected().start);
    const failure: unknown = await first?.run().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AssertionError);
    expect(failure).toMatchObject({
      actual: { status: 200, body: '{}' },
      expected: { status: 401, headers: { 'content-type': 'application/json' } },
      message: expect.stringMatching(/^the refusal differs\.\nexpected \{[^]*\nreceived \{/),
    });
  });

  it('hands over options that survive JSON, for servers in another process', async () => {
    const { start, started } = createUnprotected();
    const cases = adapterContract(start, { answerTimeoutMilliseconds: 100, path: '/inner/mcp' });
    await Promise.allSettled(cases.map(({ run }) => run()));
    expect(started).toHaveLength(cases.length);
    for (const options of started) {
      expect(JSON.parse(JSON.stringify(options))).toEqual(options);
      expect(options.resource).toBe('https://mcp.example.com/inner/mcp');
    }
  });

  it('lets the failure of a server that does not start pass', async () => {
    const [first] = adapterContract(() => Promise.reject(new Error('no port is free')));
    await expect(first?.run()).rejects.toThrow('no port is free');
  });

  it.each([
    [{ path: 'mcp' }, /^adapterContract: path must be like "\/mcp"/],
    [{ path: '/' }, /^adapterContract: path must be like/],
    [{ path: '/mcp/' }, /^adapterContract: path must be like/],
    [{ bodies: 'parsed' as 'auth-first' }, /^adapterContract: bodies must be "auth-first" or "parser-first"/],
    [{ repeatedHeaders: 'joined' }, /^adapterContract: unknown option "repeatedHeaders"/],
    [{ answerTimeoutMilliseconds: 0 }, /^adapterContract: answerTimeoutMilliseconds must be a number/],
    [{ body: 'auth-first' }, /^adapterContract: unknown option "body"/],
  ])('refuses options that it cannot use: %o', (options, message) => {
    expect(() => adapterContract(createUnprotected().start, options as AdapterContractOptions)).toThrow(
      message,
    );
  });
});
