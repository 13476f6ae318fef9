import { inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import { createEventLog } from '../../src/index.ts';
import { post, startServer } from '../running-server.ts';
import { introspect, registerClient, registerResourceServer } from './tokens-of-clients.ts';

describe('secrets and tokens at the endpoints of withdrawal', () => {
  it('S1, S3, S5: are in no event, log, audit entry, measure, error or refusal', async () => {
    const lines: string[] = [];
    const log = createEventLog({ level: 'trace', destination: { write: (line) => void lines.push(line) } });
    const running = await startServer({ onEvent: log.listen, audit: { issuedTokens: true } });
    const { server, issuer } = running;
    const [client, other, caller] = [
      await registerClient(running),
      await registerClient(running),
      await registerResourceServer(running),
    ];
    const token = await client.token();
    const canaries = [client, other, caller].flatMap(({ secret, headers }) => [
      secret,
      String(headers['authorization']).slice('Basic '.length),
    ]);
    canaries.push(...token.split('.').slice(1));
    const revoke = async (parameters: Record<string, string>, headers: Record<string, string>) =>
      await post(`${issuer}/revoke`, new URLSearchParams(parameters), headers);
    const seen: string[] = [];
    for (const { text, headers } of [
      await introspect(running, token, caller.headers),
      await introspect(running, `${token}x`, caller.headers),
      await introspect(running, caller.secret, caller.headers),
      await introspect(running, token, client.headers),
      await introspect(running, token, { authorization: `Bearer ${token}` }),
      await revoke({ token }, other.headers),
      await revoke({ token: client.secret }, client.headers),
      await revoke({ token, client_id: token }, client.headers),
      await revoke({ token, client_id: client.secret, client_secret: 'x' }, {}),
      await revoke({ token, token_type_hint: token }, client.headers),
    ]) {
      seen.push(text, inspect(headers));
    }
    for (const authorization of [`Bearer ${token}`, `Bearer ${token}x`, `Basic ${caller.secret}`]) {
      const response = await fetch(`${issuer}/status/1`, { headers: { authorization } });
      seen.push(await response.text(), inspect(response.headers));
    }
    const refused: unknown = await server.tokens
      .revoke({ token: `${token}x` })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Error);
    seen.push(inspect(refused, { depth: 9, showHidden: true }));
    seen.push(inspect(await server.tokens.revoke({ token }).catch((error: unknown) => error), { depth: 9 }));
    for await (const line of server.audit.export()) seen.push(line);
    seen.push(await server.metrics.metrics(), inspect(await server.tokens.statusListFetches()), ...lines);
    await running.stop();

    expect(lines.filter((line) => line.includes('"event":"request_refused"')).length).toBeGreaterThan(2);
    const everything = seen.join('\n');
    for (const canary of canaries) expect(everything).not.toContain(canary);
  });
});
