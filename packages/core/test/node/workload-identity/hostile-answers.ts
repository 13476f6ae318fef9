import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import type { AssertionSource } from '../../../src/client/grants/assertion-source.ts';
import { startLoopbackServer, type Answer } from '../../loopback-server.ts';
import { createRequest, createToken, failureOf } from './scene.ts';

/** A source under test that asks the server at an origin. */
export type SourceAt = (
  origin: string,
  options: { timeoutMilliseconds?: number; fetch?: typeof globalThis.fetch },
) => AssertionSource;

/** What every source that asks over HTTP has to withstand. */
export function withstandsHostileAnswers(
  create: SourceAt,
  answerWith: (token: string) => Answer & object,
  secrets: readonly string[],
): void {
  const failWith = async (answer: Answer, more: readonly string[] = []) => {
    const { origin, requests } = await startLoopbackServer(() => answer);
    const error = await failureOf(create(origin, {}).getAssertion(createRequest()), [...secrets, ...more]);
    return { error, requests };
  };
  /** The answer of the genuine server, changed. */
  const changed = (token: string, change: object): Answer => {
    const answer = answerWith(token) as { headers?: object };
    return { ...answer, ...change, headers: { ...answer.headers, ...(change as typeof answer).headers } };
  };

  it('T19: gives up on a server that never answers', async () => {
    const { origin } = await startLoopbackServer(() => () => undefined);
    const source = create(origin, { timeoutMilliseconds: 300 });
    const error = await failureOf(source.getAssertion(createRequest()), secrets);
    expect([error.expected, error.passing]).toEqual(['an answer within 300 ms', true]);
  });

  it('M12: gives up on a server that answers without end, slowly', async () => {
    const token = await createToken();
    const { origin } = await startLoopbackServer(() => (response) => {
      response.writeHead(200, { ...(answerWith(token) as { headers?: object }).headers }).write(' ');
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    });
    const source = create(origin, { timeoutMilliseconds: 400 });
    const error = await failureOf(source.getAssertion(createRequest()), [...secrets, token]);
    expect(error.expected).toBe('an answer within 400 ms');
  });

  it('ends with the reason of a request that is over', async () => {
    const controller = new AbortController();
    const { origin } = await startLoopbackServer(() => {
      controller.abort(new Error('over'));
      return () => undefined;
    });
    const pending = create(origin, {}).getAssertion(createRequest({ signal: controller.signal }));
    await expect(pending).rejects.toThrow('over');
  });

  it('says that nobody listens', async () => {
    const error = await failureOf(create('http://127.0.0.1:9', {}).getAssertion(createRequest()), secrets);
    expect([error.expected, error.passing]).toEqual(['an answer', true]);
    expect(error.received).toContain('a network failure');
  });

  it.each([301, 302, 303, 307, 308])('T18: follows no redirect of status %i', async (status) => {
    const token = await createToken();
    const elsewhere = await startLoopbackServer(() => answerWith(token));
    const { error } = await failWith(
      changed(token, { status, headers: { location: `${elsewhere.origin}/` } }),
      [token],
    );
    expect([error.expected, error.received]).toEqual(['no redirect', `status ${status}`]);
    expect(elsewhere.requests).toEqual([]);
  });

  it('T18: follows no redirect with a fetch that would', async () => {
    const token = await createToken();
    const elsewhere = await startLoopbackServer(() => answerWith(token));
    const { origin } = await startLoopbackServer(() =>
      changed(token, { status: 302, headers: { location: `${elsewhere.origin}/` } }),
    );
    const source = create(origin, { fetch: globalThis.fetch });
    const error = await failureOf(source.getAssertion(createRequest()), [...secrets, token]);
    expect([error.expected, elsewhere.requests]).toEqual(['no redirect', []]);
  });

  it('T17: reads no more than 64 KiB', async () => {
    const token = await createToken();
    const { error } = await failWith(changed(token, { json: undefined, body: 'x'.repeat(65_537) }), [token]);
    expect([error.expected, error.passing]).toEqual(['at most 65536 bytes', false]);
  });

  it('M11: unfolds nothing that comes compressed', async () => {
    const headers = { 'content-encoding': 'gzip' };
    const body = gzipSync(Buffer.alloc(10_000_000));
    const { error, requests } = await failWith(
      changed(await createToken(), { json: undefined, body, headers }),
    );
    expect(error.expected).toMatch(/a signed JWT|a JSON object/);
    expect(requests[0]?.headers['accept-encoding']).toBeUndefined();
  });

  it.each([204, 205, 304, 600, 999])('refuses the status %i', async (status) => {
    const { error } = await failWith(changed(await createToken(), { status }));
    expect(error.expected).toMatch(/^(?:status 200|no redirect|an answer)$/);
  });

  it.each([
    ['T1: a page', '<!DOCTYPE html><title>canary-of-a-page</title>'],
    ['nothing', ''],
    ['a text', 'canary-of-a-text'],
    ['another JSON document', '["canary-of-a-document"]'],
    ['null', 'null'],
  ])('refuses %s with status 200 and shows nothing of it', async (_, body) => {
    const canaries = body.match(/canary[\w-]+/g) ?? [];
    const { error } = await failWith(changed(await createToken(), { json: undefined, body }), canaries);
    expect(error.expected).toMatch(/a signed JWT|a JSON object/);
  });

  it('refuses a token that is none, has expired, or is for another audience', async () => {
    const none = 'canary-of-an-opaque-token';
    const { error: first } = await failWith(answerWith(none), [none]);
    expect(first.expected).toContain('a signed JWT');
    const old = await createToken({ exp: 1 });
    const { error: second } = await failWith(answerWith(old), [old]);
    expect(second.received).toContain('expired');
    const foreign = await createToken({ aud: 'https://other.example' });
    const { error: third } = await failWith(answerWith(foreign), [foreign]);
    expect(third.received).toBe('one for "https://other.example"');
  });

  it.each([
    [400, false],
    [401, false],
    [403, false],
    [404, true],
    [410, true],
    [429, true],
    [500, true],
    [503, true],
  ])('S1, S2: shows the status %i and nothing that is echoed with it', async (status, passing) => {
    const token = await createToken();
    const { origin } = await startLoopbackServer(({ headers, url }) =>
      changed(token, {
        status,
        json: { error: `${JSON.stringify(headers)} ${url} ${token}`, message: JSON.stringify(headers) },
      }),
    );
    const error = await failureOf(create(origin, {}).getAssertion(createRequest()), [...secrets, token]);
    expect([error.received, error.passing]).toEqual([`status ${status}`, passing]);
  });
}
