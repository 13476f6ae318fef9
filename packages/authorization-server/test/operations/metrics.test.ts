import { afterEach, describe, expect, it } from 'vitest';

import {
  basic,
  GRANT,
  MCP,
  registerWithSecret,
  requestToken,
  startServer,
  type RunningServer,
} from '../running-server.ts';

const PREFIX = 'mcp_m2m_authorization_server_';

describe('the measures', () => {
  let running: RunningServer;
  afterEach(async () => await running.stop());

  async function read(): Promise<Map<string, number>> {
    const lines = (await running.server.metrics.metrics()).split('\n');
    return new Map(
      lines
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => {
          const end = line.lastIndexOf(' ');
          return [line.slice(0, end).replace(PREFIX, ''), Number(line.slice(end + 1))];
        }),
    );
  }

  it('count tokens, refusals by their true reason, and acts, and take down how long requests took', async () => {
    running = await startServer();
    const secret = await registerWithSecret(running, 'nightly');
    for (let token = 0; token < 3; token++) await requestToken(running, GRANT, basic('nightly', secret));
    await requestToken(running, GRANT, basic('nightly', 'wrong'));
    await requestToken(running, GRANT, basic('unknown', 'wrong'));
    await requestToken(running, { ...GRANT, scope: 'root' }, basic('nightly', secret));
    const measures = await read();
    expect(Object.fromEntries(measures)).toMatchObject({
      [`tokens_issued_total{resource="${MCP}"}`]: 3,
      'tokens_refused_total{error="invalid_client",reason="secret_wrong"}': 1,
      'tokens_refused_total{error="invalid_client",reason="client_unknown"}': 1,
      'tokens_refused_total{error="invalid_scope",reason="scope_not_allowed"}': 1,
      'administrative_acts_total{type="client_created"}': 1,
      'token_request_duration_seconds_count{outcome="issued"}': 3,
      'token_request_duration_seconds_count{outcome="refused"}': 3,
      throttled_total: 0,
      store_failures_total: 0,
      failures_total: 0,
      audit_events_dropped_total: 0,
    });
  });

  it('count throttled attempts', async () => {
    running = await startServer({ throttling: { failuresPerClient: 1 } });
    for (let attempt = 0; attempt < 3; attempt++) await requestToken(running, GRANT, basic('nightly', 'x'));
    const measures = await read();
    expect(measures.get('throttled_total')).toBe(2);
    expect(measures.get('tokens_refused_total{error="temporarily_unavailable",reason="throttled"}')).toBe(2);
  });

  it('tell how old the signing key is', async () => {
    let time = Date.now();
    running = await startServer({ now: () => time });
    time += 90_000;
    expect((await read()).get('signing_key_age_seconds')).toBe(90);
  });

  it('do not grow with what requests say', async () => {
    running = await startServer();
    const ask = async (name: string) => {
      await requestToken(running, { ...GRANT, scope: name, resource: name }, basic(name, name));
      await requestToken(running, { grant_type: name, client_id: name });
    };
    await ask('first');
    const before = (await read()).size;
    for (let number = 0; number < 20; number++) await ask(`other-${number}`);
    expect((await read()).size).toBe(before);
  });

  it('are those of one server alone', async () => {
    running = await startServer();
    const other = await startServer();
    await requestToken(other, GRANT);
    expect((await read()).get('token_request_duration_seconds_count{outcome="refused"}')).toBeUndefined();
    await other.stop();
  });
});
