import { inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import { createAuthorizationServer, createEventLog } from '../src/index.ts';
import { claimsFor, registerWithKey, requestWithAssertion, signAssertion } from './assertion.ts';
import { basic, MCP, requestToken, SECRET_KEY, startServer } from './running-server.ts';

describe('secrets, assertions, tokens and keys', () => {
  it('S1–S5: are in no event, error, inspection or answer, beside the token that is asked for', async () => {
    const canaries: string[] = [SECRET_KEY];
    const seen: string[] = [];
    const { lines, log } = collectLog();
    const running = await startServer({ audit: { issuedTokens: true }, onEvent: log.listen });
    const created = await running.server.clients.create({
      clientId: 'nightly',
      authentication: { method: 'secret' },
      access: [{ resource: MCP, scopes: ['deploy:read'] }],
    });
    const secret = created.secret as string;
    const authorization = basic('nightly', secret)['authorization'] as string;
    canaries.push(secret, authorization, authorization.slice('Basic '.length));
    seen.push(inspect(created, { depth: 9, showHidden: true }));

    const grant = { grant_type: 'client_credentials' };
    const issued = await requestToken(running, grant, { authorization });
    canaries.push(String(issued.body['access_token']));

    const signer = await registerWithKey(running, 'signer');
    canaries.push(String(signer.privateKey.export({ format: 'jwk' }).d));
    const assertion = await signAssertion(signer.privateKey, claimsFor(signer, running));
    canaries.push(assertion);

    const refused = [
      await requestWithAssertion(running, assertion, { scope: 'root' }),
      await requestWithAssertion(running, assertion),
      await requestWithAssertion(running, assertion, {}, { authorization }),
      await requestToken(running, { ...grant, client_id: 'nightly', client_secret: `${secret}x` }),
      // What people get wrong: the credential in the wrong place.
      await requestToken(running, { ...grant, client_id: secret, client_secret: 'nightly' }),
      await requestToken(running, grant, basic(secret, 'nightly')),
      await requestToken(running, { ...grant, client_id: 'nightly', client_secret: assertion }),
      await requestToken(running, { ...grant, scope: secret }, { authorization: `Bearer ${secret}` }),
    ];
    for (const { status, text, headers } of refused) {
      expect(status).toBeGreaterThanOrEqual(400);
      seen.push(text, inspect(headers));
    }
    seen.push(inspect(await running.server.clients.get('nightly'), { depth: 9 }));
    seen.push(inspect(await running.server.clients.list(), { depth: 9 }));
    seen.push(inspect(running.server, { depth: 9, showHidden: true }));
    for await (const line of running.server.audit.export()) seen.push(line);
    seen.push(await running.server.metrics.metrics());
    seen.push(inspect(await running.server.usage.list(), { depth: 9 }));
    seen.push(...lines);

    for (const failing of [
      running.server.clients.create({ ...signingOptions(signer.privateKey.export({ format: 'jwk' })) }),
      running.server.clients.create({
        ...signingOptions(signer.privateKey.export({ format: 'pem', type: 'pkcs8' })),
      }),
      createAuthorizationServer({ issuer: 'x', secretKey: SECRET_KEY } as never),
    ]) {
      const error: unknown = await failing.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(TypeError);
      seen.push(inspect(error, { depth: 9, showHidden: true }));
    }
    await running.stop();

    const refusals = lines.filter((line) => line.includes('"event":"token_refused"'));
    expect(refusals).toHaveLength(refused.length);
    // Every refusal is in the audit trail as well, and in the measures.
    expect(seen.filter((text) => text.includes('"type":"token_refused"'))).toHaveLength(refused.length);
    expect(seen.join()).toContain('tokens_refused_total{');
    const everything = seen.join('\n');
    for (const canary of canaries) expect(everything).not.toContain(canary);
  });
});

function collectLog() {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { lines, log: createEventLog({ level: 'trace', destination }) };
}

function signingOptions(publicKey: unknown) {
  return {
    authentication: { method: 'private_key_jwt', publicKey: publicKey as string } as const,
    access: [{ resource: MCP, scopes: [] }],
  };
}
