import { Writable } from 'node:stream';

import { afterEach, describe, expect, it } from 'vitest';

import { createEventLog } from '../../src/index.ts';
import {
  basic,
  GRANT,
  MCP,
  registerWithSecret,
  requestToken,
  startServer,
  type RunningServer,
} from '../running-server.ts';

/** Keeps what is written to it. */
function collect() {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(...String(chunk).split('\n').filter(Boolean));
      done();
    },
  });
  return { lines, destination };
}

describe('the log of events', () => {
  let running: RunningServer | undefined;
  afterEach(async () => {
    await running?.stop();
    running = undefined;
  });

  it('has a line of JSON for every event, with the time, the level and what the event says', async () => {
    const { lines, destination } = collect();
    const { listen } = createEventLog({ level: 'debug', destination });
    running = await startServer({ onEvent: listen });
    const secret = await registerWithSecret(running, 'nightly');
    await requestToken(running, GRANT, basic('nightly', secret));
    await requestToken(running, GRANT, basic('nightly', 'wrong'));
    const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries[0]).toMatchObject({ level: 'info', event: 'signing_key_created', actor: 'server' });
    expect(entries.filter(({ event }) => event !== 'signing_key_created')).toMatchObject([
      { level: 'info', event: 'client_created', clientId: 'nightly', actor: 'owner' },
      { level: 'debug', event: 'token_issued', clientId: 'nightly', resource: MCP },
      { level: 'warn', event: 'token_refused', reason: 'secret_wrong', remoteAddress: '127.0.0.1' },
    ]);
    for (const { time, at } of entries) {
      expect([new Date(String(time)).toISOString(), new Date(String(at)).toISOString()]).toEqual([time, at]);
    }
  });

  it('leaves out what is below its level', async () => {
    const { lines, destination } = collect();
    running = await startServer({ onEvent: createEventLog({ level: 'warn', destination }).listen });
    const secret = await registerWithSecret(running, 'nightly');
    await requestToken(running, GRANT, basic('nightly', secret));
    expect(lines).toEqual([]);
  });

  it('keeps a request from forging a line', async () => {
    const { lines, destination } = collect();
    running = await startServer({ onEvent: createEventLog({ destination }).listen });
    const before = lines.length;
    const forged = 'x\n{"level":"fatal","event":"server_failed"}\r\n\u2028';
    await requestToken(running, { ...GRANT, resource: forged, scope: forged }, basic(forged, forged));
    expect(lines).toHaveLength(before + 1);
    expect(JSON.parse(lines.at(-1) as string)).toMatchObject({ event: 'token_refused' });
  });

  it('S1–S5: does not write a member that is named like a secret, were there ever one', () => {
    const { lines, destination } = collect();
    const { logger } = createEventLog({ destination });
    const canary = 'canary-4711';
    logger.info({
      secret: canary,
      client_secret: canary,
      request: { authorization: canary, headers: { authorization: canary, cookie: canary } },
      access_token: canary,
      client_assertion: canary,
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain(canary);
  });

  it('refuses a level that is none', () => {
    expect(() => createEventLog({ level: 'loud' as never })).toThrow('level must be one of trace, debug');
  });
});
