import { inspect } from 'node:util';

import { createSigningKey } from '@mcp-m2m/testing';
import { describe, expect, it } from 'vitest';

import {
  registerWorkload,
  startIssuer,
  SUBJECT,
  trustIssuer,
  trustSubject,
  workloadToken,
} from '../grants/scene.ts';
import { startServerForFile } from '../server-for-file.ts';

const running = await startServerForFile();
const { trust } = running.server;
const issuer = await startIssuer();
await registerWorkload(running, 'ci');
await trustSubject(running, issuer, 'ci', [
  { claim: 'sub', equals: SUBJECT },
  { claim: 'environment', equals: 'production' },
]);
const token = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
  workloadToken(issuer, running, { environment: 'production', ...claims }, header);
const failedStep = async (jwt: string) =>
  (await trust.dryRun({ token: jwt })).steps.find(({ outcome }) => outcome === 'failed');

describe('a dry run', () => {
  it('says which rule accepts a token, and issues nothing and uses nothing up', async () => {
    const before = running.events.length;
    for (let i = 0; i < 2; i++) {
      const result = await trust.dryRun({ token: ` ${token({ jti: 'same' })}\n` });
      expect(result).toMatchObject({
        accepted: true,
        clientIds: ['ci'],
        issuer: { issuer: issuer.issuer, kind: 'workload' },
        rules: [{ clientId: 'ci', fulfilled: true, unmet: [] }],
      });
      expect(result.steps.every(({ outcome }) => outcome === 'passed')).toBe(true);
      expect(result.summary).toContain('ci');
    }
    expect(running.events).toHaveLength(before);
  });

  it('says which condition failed, with what was expected and received', async () => {
    const result = await trust.dryRun({ token: token({ environment: 'staging' }) });
    expect(result).toMatchObject({ accepted: false, reason: 'trust_rule_not_matched', clientIds: [] });
    expect(result.rules[0]?.unmet).toEqual([
      { claim: 'environment', expected: '"production"', received: '"staging"' },
    ]);
    expect(result.steps.map(({ step, outcome }) => [step, outcome])).toEqual([
      ['form', 'passed'],
      ['issuer', 'passed'],
      ['type', 'passed'],
      ['signature', 'passed'],
      ['times', 'passed'],
      ['claims', 'passed'],
      ['audience', 'passed'],
      ['rules', 'failed'],
    ]);
    expect(result.summary).toContain('"production"');
  });

  it.each([
    ['form', async () => 'nonsense'],
    ['issuer', async () => token({ iss: 'https://evil.example.com' })],
    ['type', async () => token({}, { typ: 'at+jwt' })],
    ['signature', async () => token({}, { kid: 'unknown' })],
    ['times', async () => token({ exp: 1000 })],
    ['claims', async () => token({ sub: undefined })],
    ['audience', async () => token({ aud: 'https://evil.example.com' })],
    ['rules', async () => token({ sub: 'repo:evil/app:x' })],
  ])('names the step "%s" when it fails, and reaches none after it', async (step, make) => {
    const jwt = await make();
    expect(await failedStep(jwt)).toMatchObject({ step });
    const { steps } = await trust.dryRun({ token: jwt });
    const index = steps.findIndex(({ outcome }) => outcome === 'failed');
    expect(steps.slice(index + 1).every(({ outcome }) => outcome === 'not reached')).toBe(true);
  });

  it('tells what an issuer that is down means', async () => {
    const down = await startIssuer();
    await trustIssuer(running, down);
    down.goDown();
    const result = await trust.dryRun({ token: workloadToken(down, running) });
    expect(result.reason).toBe('assertion_issuer_unavailable');
    expect(result.steps.find(({ outcome }) => outcome === 'failed')).toMatchObject({
      step: 'signature',
      expected: expect.stringContaining(down.issuer),
    });
  });

  it('of an ID-JAG says which client has to present it', async () => {
    const idp = await startIssuer();
    await trustIssuer(running, idp, 'id-jag');
    const claims = { sub: 'alice', client_id: 'agent', jti: 'x' };
    const result = await trust.dryRun({
      token: workloadToken(idp, running, claims, { typ: 'oauth-id-jag+jwt' }),
    });
    expect(result).toMatchObject({ accepted: true, clientIds: ['agent'], rules: [] });
    expect(result.steps.map(({ step }) => step)).not.toContain('rules');
  });

  it('S2: keeps no token in its result, its events or its errors', async () => {
    const stranger = await createSigningKey('ES256', issuer.signingKey.keyId);
    const [head = '', payload = ''] = token().split('.');
    const forged = `${head}.${payload}.${issuer.sign(`${head}.${payload}`, { key: stranger })}`;
    for (const jwt of [token(), token({ exp: 1 }), forged, `${token()}x`]) {
      const seen = inspect(await trust.dryRun({ token: jwt }), { depth: 9 }) + JSON.stringify(running.events);
      for (const part of jwt.split('.').slice(1)) expect(seen).not.toContain(part);
    }
    await expect(trust.dryRun({ token: 5 as never })).rejects.toThrow(TypeError);
    await expect(trust.dryRun({ token: '' })).rejects.toThrow(TypeError);
  });
});
