import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { clientSecretBasic } from '@mcp-m2m/core/client';
import { describe, expect, it } from 'vitest';

import { diagnose, type DiagnoseOptions } from '../src/index.ts';
import { startHostileServer, type HostileServer, type Place } from './hostile-server.ts';

function optionsFor({ url, origin }: HostileServer): DiagnoseOptions {
  return {
    url,
    issuer: origin,
    clientId: 'nightly-report',
    authentication: clientSecretBasic({ clientSecret: 'a secret of the tests, 0815-4711' }),
    tool: { name: 'look' },
  };
}

const PLACES: readonly Place[] = [
  'challenge',
  'resource',
  'issuer',
  'token',
  'initialize',
  'tools/list',
  'tools/call',
];

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(5);
}

describe('a walk that is ended', () => {
  it.each(PLACES)(
    'while it waits at %s, rejects with the reason, and leaves nothing under way',
    async (place) => {
      const controller = new AbortController();
      let waiting = 0;
      await using server = await startHostileServer({
        [place]: (_request: unknown, response: NodeJS.EventEmitter) => {
          waiting++;
          response.once('close', () => waiting--);
          if (waiting === 1) setImmediate(() => controller.abort(new Error('enough')));
        },
      });
      const before = timers();
      await expect(diagnose({ ...optionsFor(server), signal: controller.signal })).rejects.toThrow('enough');
      await until(() => waiting === 0);
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
      await until(() => timers() <= before);
    },
  );

  it('before it begins, asks nobody', async () => {
    await using server = await startHostileServer({});
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(diagnose({ ...optionsFor(server), signal })).rejects.toThrow('too late');
    expect(server.connections()).toBe(0);
  });

  it('by what onStep throws, leaves no session', async () => {
    const ended: string[] = [];
    await using server = await startHostileServer({
      initialize: (_request, response) => {
        const serverInfo = { name: 'sessions', version: '1' };
        const result = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo };
        response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 's-1' });
        response.end(JSON.stringify({ jsonrpc: '2.0', id: 0, result }));
      },
    });
    const onStep: DiagnoseOptions['onStep'] = ({ name }) => {
      if (name === 'handshake') throw new Error('seen enough');
    };
    const watching: DiagnoseOptions['fetch'] = (url, init) => {
      if (init.method === 'DELETE') ended.push(new Headers(init.headers).get('mcp-session-id') ?? '');
      return fetch(url, init);
    };
    const walk = diagnose({ ...optionsFor(server), onStep, fetch: watching });
    await expect(walk).rejects.toThrow('seen enough');
    expect(ended).toEqual(['s-1']);
  });
});

it('a fetch that heeds no signal cannot hold a walk', async () => {
  await using server = await startHostileServer({});
  const never: DiagnoseOptions['fetch'] = () => new Promise(() => undefined);
  const diagnosis = await diagnose({ ...optionsFor(server), fetch: never, timeoutMilliseconds: 50 });
  expect(diagnosis.verdict?.code).toBe('timed_out');
});

it('a fetch that throws what it likes is a finding', async () => {
  await using server = await startHostileServer({});
  for (const thrown of [
    new TypeError('x is not a function'),
    'a string',
    undefined,
    null,
    new RangeError('far'),
  ]) {
    const diagnosis = await diagnose({
      ...optionsFor(server),
      // eslint-disable-next-line typescript/prefer-promise-reject-errors
      fetch: () => Promise.reject(thrown),
    });
    expect(diagnosis.outcome).toBe('broken');
    expect(diagnosis.verdict?.code).toMatch(/^(?:step_failed|unreachable)$/);
  }
});

it('a wrong option is told before anything is asked', async () => {
  await using server = await startHostileServer({});
  const options = optionsFor(server);
  for (const [wrong, words] of [
    [{ timeoutMilliseconds: 0 }, /timeoutMilliseconds must be/],
    [{ unknown: 1 }, /unknown/],
    [{ scopes: ['a b'] }, /scopes/],
    [{ tokenParameters: { scope: 'x' } }, /use the option scopes/],
    [{ issuer: 'auth.example.com' }, /issuer must be an absolute URL/],
    [{ url: 'not a url' }, /url must be an absolute URL/],
    [{ fetch: 1 }, /fetch must be a function/],
    [{ signal: {} }, /signal must be an AbortSignal/],
    [{ onStep: 1 }, /onStep must be a function/],
    [{ tool: { name: 1 } }, /tool must be/],
    [{ token: 'with spaces in it' }, /token must be an access token/],
    [{ clientId: undefined }, /clientId and authentication go together/],
  ] as const) {
    await expect(diagnose({ ...options, ...wrong } as never)).rejects.toThrow(words);
  }
  expect(server.connections()).toBe(0);
});

it('a hundred walks leave no timer, no listener and no request behind', async () => {
  await using server = await startHostileServer({});
  const { signal } = new AbortController();
  await diagnose({ ...optionsFor(server), signal });
  const before = timers();
  for (let round = 0; round < 20; round++) {
    const walks = Array.from({ length: 5 }, () => diagnose({ ...optionsFor(server), signal }));
    for (const { outcome } of await Promise.all(walks)) expect(outcome).toBe('healthy');
  }
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  await until(() => timers() <= before + 1);
});
