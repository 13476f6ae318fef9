import type { McpAuthOptions } from '@mcp-m2m/express';
import { describe, expect, it } from 'vitest';
import { ask, expectRefused, expectServed } from './asking.ts';
import { expectUnavailable, RESOURCE, send, startProtectedApp, type ProtectedApp } from './protected-app.ts';
import { listed, setUpTwoAuthorities, tenant } from './two-authorities.ts';

type Resolver = NonNullable<McpAuthOptions['resolveAuthorizationServer']>;
type Answer = Awaited<ReturnType<Resolver>>;

setUpTwoAuthorities();

/** An app with one listed server and a resolver, and every question that the resolver was asked. */
async function startResolving(
  resolve: Resolver,
  options: Partial<McpAuthOptions> = {},
): Promise<ProtectedApp & { readonly questions: readonly string[] }> {
  const questions: string[] = [];
  const app = await startProtectedApp({
    authorizationServers: [listed.issuer],
    now: listed.now,
    timeoutMilliseconds: 1500,
    ...options,
    resolveAuthorizationServer: (issuer) => {
      questions.push(issuer);
      return resolve(issuer);
    },
  });
  return { ...app, questions };
}

const accepting: Resolver = (issuer) => (issuer === tenant.issuer ? { issuer } : undefined);

describe('resolveAuthorizationServer', () => {
  it.each<readonly [string, (answer: Answer) => Answer | Promise<Answer>]>([
    ['at once', (answer) => answer],
    ['with a promise', (answer) => Promise.resolve(answer)],
  ])('accepts tenants that are not listed, answering %s', async (_, answer) => {
    await using app = await startResolving((issuer) => answer(accepting(issuer) as Answer));
    await expectServed(app, tenant.mint());
    await expectServed(app, tenant.mint());
    expect(app.questions).toEqual([tenant.issuer]);
    expect(app.decisions.at(-1)).toMatchObject({ outcome: 'allowed', issuer: tenant.issuer });
  });

  it('is not asked about listed servers, nor about what is no text', async () => {
    await using app = await startResolving(accepting);
    await expectServed(app, listed.mint());
    for (const iss of [undefined, null, 7, [tenant.issuer], { issuer: tenant.issuer }, 'x'.repeat(2000)]) {
      await expectRefused(app, tenant.mint({ iss }), 'issuer_unknown');
    }
    expect(app.questions).toEqual([]);
  });

  it('refuses the issuer with undefined, which is remembered for half a minute', async () => {
    await using app = await startResolving(() => undefined);
    await expectRefused(app, tenant.mint(), 'issuer_unknown');
    await expectRefused(app, tenant.mint(), 'issuer_unknown');
    expect(app.questions).toHaveLength(1);
    expect(tenant.requests).toEqual([]);
    listed.advanceSeconds(30);
    await expectRefused(app, tenant.mint(), 'issuer_unknown');
    expect(app.questions).toHaveLength(2);
  });

  it('takes its options: profile, audience, algorithms, address of the keys', async () => {
    await using app = await startResolving((issuer) => ({
      issuer,
      profile: 'okta',
      audience: { anyOf: ['api://desk'] },
      jwksUri: tenant.jwksUri,
    }));
    await expectServed(app, tenant.mintAs('okta', {}, { audience: 'api://desk' }));
    await expectRefused(app, tenant.mintAs('okta', {}, { audience: 'api://other' }), 'audience_mismatch');
    expect(tenant.endpoints.metadata.requests).toEqual([]);
  });

  it.each<readonly [string, Resolver]>([
    ['throws', () => Promise.reject(new Error('the database is down'))],
    [
      'throws at once',
      () => {
        throw new Error('the database is down');
      },
    ],
    ['never answers', () => new Promise(() => undefined)],
    ['answers with another issuer', () => ({ issuer: listed.issuer })],
    ['answers with null', () => null as unknown as undefined],
    ['answers with a text', (issuer) => issuer as unknown as undefined],
    ['answers with a misspelt option', (issuer) => ({ issuer, profil: 'okta' }) as Answer],
    ['answers with an unknown profile', (issuer) => ({ issuer, profile: 'unknown' }) as unknown as Answer],
    ['answers with an audience that is empty', (issuer) => ({ issuer, audience: { anyOf: [] } })],
    [
      'answers with keys at an address that is not secure',
      (issuer) => ({ issuer, jwksUri: 'http://as.example/' }),
    ],
  ])('is 503 when it %s, and is asked again', async (_, resolve) => {
    let current = resolve;
    await using app = await startResolving((issuer) => current(issuer));
    await expectUnavailable(app, await ask(app, tenant.mint()));
    expect(JSON.stringify(app.decisions)).not.toContain('database');
    current = accepting;
    await expectServed(app, tenant.mint());
  });

  it('tells the operator which of its options is wrong', async () => {
    await using app = await startResolving((issuer) => ({ issuer, audience: { anyOf: [] } }));
    await expectUnavailable(app, await ask(app, tenant.mint()));
    expect(app.decisions.at(-1)?.received).toMatch(/^resolveAuthorizationServer\.audience\.anyOf must be/);
  });

  it('is 503 for an issuer that is not secure, which only a resolver without care accepts', async () => {
    await using app = await startResolving((issuer) => ({ issuer }));
    await expectUnavailable(app, await ask(app, tenant.mint({ iss: 'http://169.254.169.254' })));
  });

  it('puts a tenant that was withdrawn out within ten minutes, verified tokens included', async () => {
    let withdrawn = false;
    await using app = await startResolving((issuer) => (withdrawn ? undefined : accepting(issuer)));
    const token = tenant.mint({}, { expiresInSeconds: 10_000 });
    await expectServed(app, token);
    withdrawn = true;
    listed.advanceSeconds(599);
    await expectServed(app, token);
    listed.advanceSeconds(1);
    await expectRefused(app, token, 'issuer_unknown');
    await expectRefused(app, tenant.mint(), 'issuer_unknown');
    expect(app.questions).toHaveLength(2);
  });

  it('does not keep a tenant that it cannot confirm', async () => {
    let failing = false;
    await using app = await startResolving((issuer) =>
      failing ? Promise.reject(new Error('down')) : accepting(issuer),
    );
    const token = tenant.mint({}, { expiresInSeconds: 10_000 });
    await expectServed(app, token);
    failing = true;
    listed.advanceSeconds(600);
    await expectUnavailable(app, await ask(app, token));
    failing = false;
    await expectServed(app, token);
  });

  it('keeps the keys of a tenant that it confirms, and drops what changed', async () => {
    let options: Answer = { issuer: tenant.issuer };
    await using app = await startResolving(() => options);
    const token = tenant.mint({}, { expiresInSeconds: 10_000 });
    await expectServed(app, token);
    listed.advanceSeconds(600);
    options = { issuer: tenant.issuer };
    await expectServed(app, token);
    expect(tenant.endpoints.metadata.requests).toHaveLength(1);
    listed.advanceSeconds(600);
    options = { issuer: tenant.issuer, audience: { anyOf: ['https://other.example'] } };
    await expectRefused(app, token, 'audience_mismatch');
  });

  it('notices a change even in the object that it answered with before', async () => {
    const options = { issuer: tenant.issuer, audience: { anyOf: [RESOURCE] } };
    await using app = await startResolving(() => options);
    const token = tenant.mint({}, { expiresInSeconds: 10_000 });
    await expectServed(app, token);
    options.audience.anyOf[0] = 'https://other.example';
    listed.advanceSeconds(600);
    await expectRefused(app, token, 'audience_mismatch');
  });

  it('is asked once by all who ask about one issuer at the same time', async () => {
    let release: (answer: Answer) => void = () => undefined;
    await using app = await startResolving(() => new Promise((resolve) => (release = resolve)), {
      timeoutMilliseconds: 10_000,
    });
    const answers = Array.from({ length: 20 }, () => ask(app, tenant.mint()));
    await expect.poll(() => app.questions.length).toBe(1);
    release({ issuer: tenant.issuer });
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(app.questions).toHaveLength(1);
  });

  it('invented issuers cannot push a tenant out, whose token stays verified', async () => {
    await using app = await startResolving(accepting);
    const token = tenant.mint();
    await expectServed(app, token);
    for (let round = 0; round < 30; round++) {
      const invented = Array.from({ length: 50 }, (_, index) => `https://invented-${round}-${index}.example`);
      await Promise.all(invented.map(async (iss) => (await ask(app, tenant.mint({ iss }))).text()));
    }
    expect(app.questions).toHaveLength(1501);
    app.callers.length = 0;
    await expectServed(app, token);
    expect(app.questions).toHaveLength(1501);
    expect(tenant.endpoints.jwks.requests).toHaveLength(1);
  });

  it('invented issuers that fill all app.questions do not keep a tenant from being confirmed', async () => {
    let flooded = false;
    await using app = await startResolving(
      (issuer) => (flooded && issuer !== tenant.issuer ? new Promise(() => undefined) : accepting(issuer)),
      { timeoutMilliseconds: 10_000 },
    );
    const token = tenant.mint({}, { expiresInSeconds: 10_000 });
    await expectServed(app, token);
    flooded = true;
    listed.advanceSeconds(600);
    const statuses: number[] = [];
    const flood = new AbortController();
    const sent = Array.from({ length: 120 }, async (_, index) => {
      const forged = tenant.mint({ iss: `https://invented-${index}.example` });
      const response = await send(app, `Bearer ${forged}`, undefined, { signal: flood.signal }).catch(
        () => undefined,
      );
      if (response !== undefined) statuses.push(response.status);
    });
    await expect.poll(() => statuses.length).toBe(20);
    expect(statuses).toEqual(Array(20).fill(503));
    expect(app.questions).toHaveLength(101);
    await expectServed(app, token);
    flood.abort();
    await Promise.all(sent);
  });

  it('is never a reason to contact an issuer that it does not accept', async () => {
    const contacted: string[] = [];
    await using app = await startResolving(() => undefined, {
      fetch: (url, init) => {
        contacted.push(url);
        return fetch(url, init);
      },
    });
    await expectRefused(app, tenant.mint({ iss: 'https://evil.example' }), 'issuer_unknown');
    expect(contacted).toEqual([]);
  });
});
