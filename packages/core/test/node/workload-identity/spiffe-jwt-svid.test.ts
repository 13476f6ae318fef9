import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { spiffeJwtSvid } from '../../../src/node/workload-identity/spiffe-jwt-svid.ts';
import { createProjectedVolume } from './projected-volume.ts';
import { ISSUER, createFolder, createRequest, createToken, failureOf } from './scene.ts';
import {
  answerWith,
  endWith,
  field,
  frame,
  jwtSvidResponse,
  startWorkloadApi,
  type AnswerCall,
} from './workload-api.ts';

const BILLING = 'spiffe://example.org/billing';
const REPORTS = 'spiffe://example.org/reports';

/** An agent at which the workload has two identities. */
const agent: AnswerCall = async (stream, { audiences, spiffeIds }) => {
  const ids = [BILLING, REPORTS].filter((id) => spiffeIds.length === 0 || spiffeIds.includes(id));
  if (ids.length === 0) return endWith(stream, 7, 'no identity issued');
  const svids = await Promise.all(
    ids.map(async (id) => [id, await createToken({ aud: audiences, sub: id })] as const),
  );
  answerWith(stream, frame(jwtSvidResponse(...svids)));
};

function subjectOf(token: string): unknown {
  return (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sub: unknown }).sub;
}

/** How the source fails with an agent that answers so. */
async function failureWith(answer: AnswerCall, secrets: readonly string[] = [], options = {}) {
  const { address } = await startWorkloadApi(answer);
  return failureOf(spiffeJwtSvid({ endpoint: address, ...options }).getAssertion(createRequest()), secrets);
}

/** Listens on a socket of the machine until the current test has finished. */
async function listen(server: Server): Promise<string> {
  const path = join(await createFolder(), 'other.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
  return `unix://${path}`;
}

describe.each(['unix', 'tcp'] as const)('spiffeJwtSvid over %s', (transport) => {
  it('asks for a fresh one with the audience at every use, and leaves no connection open', async () => {
    const { address, calls, connections } = await startWorkloadApi(agent, transport);
    const source = spiffeJwtSvid({ environment: { SPIFFE_ENDPOINT_SOCKET: address } });
    const request = createRequest();
    const [first, second] = [await source.getAssertion(request), await source.getAssertion(request)];
    expect(first).not.toBe(second);
    expect(subjectOf(first)).toBe(BILLING);
    expect(calls.map(({ audiences, spiffeIds }) => [audiences, spiffeIds])).toEqual([
      [[ISSUER], []],
      [[ISSUER], []],
    ]);
    expect(request.concealed).toEqual([first, second]);
    await expect.poll(() => connections.size).toBe(0);
  });

  it('asks for the identity and the audience that are named', async () => {
    const { address, calls } = await startWorkloadApi(agent, transport);
    const source = spiffeJwtSvid({ endpoint: address, spiffeId: REPORTS, audience: `ü${'x'.repeat(200)}` });
    expect(subjectOf(await source.getAssertion(createRequest()))).toBe(REPORTS);
    expect(calls[0]).toMatchObject({ audiences: [`ü${'x'.repeat(200)}`], spiffeIds: [REPORTS] });
  });
});

describe('spiffeJwtSvid', () => {
  it('writes the request byte for byte as the formats demand', async () => {
    const { address, calls } = await startWorkloadApi(agent);
    const source = spiffeJwtSvid({ endpoint: address, spiffeId: BILLING, audience: 'testing' });
    await source.getAssertion(createRequest());
    // "testing" as in the documentation of the encoding, there with the field number 2.
    const message = `0a0774657374696e67121c${Buffer.from(BILLING).toString('hex')}`;
    expect(calls[0]?.body.toString('hex')).toBe(`0000000027${message}`);
    expect(calls[0]?.headers).toMatchObject({
      ':method': 'POST',
      ':scheme': 'http',
      'workload.spiffe.io': 'true',
      te: 'trailers',
    });
  });

  it('reads an answer with fields that it does not know, of every type', async () => {
    const token = await createToken({ sub: BILLING });
    const strange = [0x20, 0x96, 0x01, 0x29, 1, 2, 3, 4, 5, 6, 7, 8, 0x35, 1, 2, 3, 4, ...field(99, 'x')];
    const { address } = await startWorkloadApi((stream) => {
      const svid = field(1, [...strange, ...field(2, token), ...field(1, BILLING)]);
      answerWith(stream, frame(Uint8Array.from([...strange, ...svid, ...strange])));
    });
    expect(await spiffeJwtSvid({ endpoint: address }).getAssertion(createRequest())).toBe(token);
  });

  it('reads an answer that comes in pieces', async () => {
    const token = await createToken({ sub: BILLING });
    const { address } = await startWorkloadApi(async (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      for (const byte of frame(jwtSvidResponse([BILLING, token]))) stream.write(Buffer.of(byte));
      stream.end();
    });
    expect(await spiffeJwtSvid({ endpoint: address }).getAssertion(createRequest())).toBe(token);
  });

  it.each([
    [3, 'InvalidArgument', false],
    [7, 'PermissionDenied', true],
    [12, 'Unimplemented', false],
    [14, 'Unavailable', true],
    [99, 'an unknown status', true],
  ])('says what the gRPC status %i means', async (status, name, passing) => {
    const error = await failureWith((stream) => endWith(stream, status, 'café 100 % closed'));
    expect(error.received).toBe(`${name} (gRPC status ${status}, "café 100 % closed")`);
    expect(error.passing).toBe(passing);
  });

  it('reads a status that comes as a trailer', async () => {
    const error = await failureWith((stream) =>
      answerWith(stream, Buffer.alloc(0), { 'grpc-status': '7', 'grpc-message': 'bad %zz' }),
    );
    expect(error.received).toBe('PermissionDenied (gRPC status 7, "bad %zz")');
  });

  it('S2: shows no token that an agent puts into its message, and no line of its own', async () => {
    const token = await createToken();
    const error = await failureWith((stream) => endWith(stream, 14, `\u202E\nfake line ${token}`), [token]);
    expect(error.received).toContain(String.raw`\u{202e}\u{a}fake line [concealed]`);
  });

  it('takes no other identity than the one it asked for', async () => {
    const token = await createToken({ sub: REPORTS });
    const give =
      (id: string, svid: string): AnswerCall =>
      (stream) =>
        answerWith(stream, frame(jwtSvidResponse([id, svid])));
    const named = await failureWith(give(REPORTS, token), [token], { spiffeId: BILLING });
    expect([named.expected, named.received]).toEqual([`an identity "${BILLING}"`, `["${REPORTS}"]`]);
    const mislabelled = await failureWith(give(BILLING, token), [token], { spiffeId: BILLING });
    expect(mislabelled.received).toBe(`one for "${REPORTS}"`);
  });

  it.each<[string, Uint8Array, string]>([
    ['no message', Buffer.alloc(0), 'something else than one uncompressed message'],
    ['a cut-off prefix', Buffer.of(0, 0, 0), 'something else than one uncompressed message'],
    ['a compressed message', Buffer.of(1, 0, 0, 0, 0), 'something else than one uncompressed message'],
    [
      'a length of 4 GiB',
      Buffer.of(0, 255, 255, 255, 255, 10),
      'something else than one uncompressed message',
    ],
    [
      'two messages',
      Buffer.concat([frame(Buffer.of()), frame(Buffer.of())]),
      'something else than one uncompressed message',
    ],
    ['a message of another kind', frame(Buffer.from('canary-of-text')), 'a message that cannot be read'],
    ['a field that is cut off', frame(Buffer.of(0x0a, 0x7f, 1)), 'a message that cannot be read'],
    ['a length without end', frame(Buffer.alloc(20, 0xff)), 'a message that cannot be read'],
    [
      'a length of 2^63',
      frame(Buffer.of(0x0a, 255, 255, 255, 255, 255, 255, 255, 255, 127)),
      'a message that cannot be read',
    ],
    ['the field 0', frame(Buffer.of(0x02, 0x00)), 'a message that cannot be read'],
    ['a group', frame(Buffer.of(0x0b, 0x0c)), 'a message that cannot be read'],
    [
      'a text that is none',
      frame(Uint8Array.from(field(1, field(2, [0xff, 0xfe])))),
      'a message that cannot be read',
    ],
    ['no identity', frame(Buffer.of()), 'none'],
    ['an identity without token', frame(Uint8Array.from(field(1, field(1, BILLING)))), 'nothing'],
    ['a token that is none', frame(jwtSvidResponse([BILLING, '<html>canary'])), 'an HTML or XML document'],
  ])('refuses %s', async (_, body, received) => {
    const error = await failureWith((stream) => answerWith(stream, body));
    expect(error.received).toBe(received);
    expect(error.message).not.toContain('canary');
  });

  it('refuses an expired token, and one for another audience', async () => {
    const old = await createToken({ sub: BILLING, exp: 1 });
    const first = await failureWith(
      (stream) => answerWith(stream, frame(jwtSvidResponse([BILLING, old]))),
      [old],
    );
    expect(first.received).toContain('expired');
    const foreign = await createToken({ sub: BILLING, aud: 'https://other.example' });
    const second = await failureWith(
      (stream) => answerWith(stream, frame(jwtSvidResponse([BILLING, foreign]))),
      [foreign],
    );
    expect(second.received).toBe('one for "https://other.example"');
  });

  it.each<[string, AnswerCall, string]>([
    [
      'another HTTP status',
      (stream) => stream.respond({ ':status': 503 }, { endStream: true }),
      'HTTP status 503',
    ],
    [
      'a page',
      (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'text/html' });
        stream.end('<!DOCTYPE html>');
      },
      '"text/html"',
    ],
    [
      'a redirect',
      (stream) => stream.respond({ ':status': 307, location: 'http://127.0.0.1/' }, { endStream: true }),
      'HTTP status 307',
    ],
    [
      'a message without a status',
      (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
        stream.end(frame(Buffer.of()));
      },
      'no gRPC status',
    ],
    [
      'a status that is none',
      (stream) => answerWith(stream, frame(Buffer.of()), { 'grpc-status': '0x0' }),
      'no gRPC status',
    ],
    ['a reset', (stream) => stream.close(2), 'a network failure (ERR_HTTP2_STREAM_ERROR)'],
    ['an end of the connection', (stream) => stream.session?.destroy(), 'no answer'],
  ])('reports %s', async (_, answer, received) => {
    expect((await failureWith(answer)).received).toBe(received);
  });

  it('T17: reads no more than 256 KiB', async () => {
    const error = await failureWith((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      const write = (): void => {
        if (!stream.destroyed) stream.write(Buffer.alloc(65_536), write);
      };
      write();
    });
    expect(error.received).toBe('more than 262144 bytes');
  });

  it.each<[string, AnswerCall]>([
    ['never answers', () => undefined],
    ['begins an answer', (stream) => stream.respond({ ':status': 200, 'content-type': 'application/grpc' })],
  ])('T19: gives up on an agent that %s, and closes the connection', async (_, answer) => {
    const { address, connections } = await startWorkloadApi(answer);
    const source = spiffeJwtSvid({ endpoint: address, timeoutMilliseconds: 300 });
    const error = await failureOf(source.getAssertion(createRequest()));
    expect([error.expected, error.passing]).toEqual(['an answer within 300 ms', true]);
    await expect.poll(() => connections.size).toBe(0);
  });

  it('T19: gives up on a socket that says nothing', async () => {
    const endpoint = await listen(createServer((socket) => onTestFinished(() => void socket.destroy())));
    const error = await failureOf(
      spiffeJwtSvid({ endpoint, timeoutMilliseconds: 300 }).getAssertion(createRequest()),
    );
    expect(error.expected).toBe('an answer within 300 ms');
  });

  it('ends with the reason of a request that is over, and closes the connection', async () => {
    const controller = new AbortController();
    const { address, connections } = await startWorkloadApi(() => controller.abort(new Error('over')));
    const source = spiffeJwtSvid({ endpoint: address });
    await expect(source.getAssertion(createRequest({ signal: controller.signal }))).rejects.toThrow('over');
    await expect.poll(() => connections.size).toBe(0);
    await expect(source.getAssertion(createRequest({ signal: controller.signal }))).rejects.toThrow('over');
  });

  it('reports a server that speaks HTTP/1', async () => {
    const endpoint = await listen(createHttpServer((_, response) => response.end('canary')));
    const error = await failureOf(spiffeJwtSvid({ endpoint }).getAssertion(createRequest()));
    expect(error.received).toMatch(/^a network failure|^no answer/);
  });

  it('reports a socket that is not there', async () => {
    const endpoint = `unix://${join(await createFolder(), 'none.sock')}`;
    const error = await failureOf(spiffeJwtSvid({ endpoint }).getAssertion(createRequest()));
    expect([error.received, error.passing]).toEqual(['a network failure (ENOENT)', true]);
    expect(error.from).toContain(endpoint);
  });

  it.each([
    'unix://relative/path.sock',
    'unix://host/path.sock',
    'unix:///',
    'unix:///a?b',
    'unix:///a%00b',
    'unix:///a%zz',
    'tcp://127.0.0.1',
    'tcp://127.0.0.1:0',
    'tcp://127.0.0.1:65536',
    'tcp://127.0.0.1:8000/foo',
    'tcp://localhost:8000',
    'tcp://8.8.8.8:8000',
    'tcp://[2001:db8::1]:8000',
    'tcp://user@127.0.0.1:8000',
    'http://127.0.0.1:8000',
    '/run/agent.sock',
  ])('asks nobody at %s', async (address) => {
    const source = spiffeJwtSvid({ environment: { SPIFFE_ENDPOINT_SOCKET: address } });
    const error = await failureOf(source.getAssertion(createRequest()));
    expect([error.from, error.passing]).toEqual(['the variable SPIFFE_ENDPOINT_SOCKET', false]);
    expect(() => spiffeJwtSvid({ endpoint: address })).toThrow('endpoint must be unix:///');
  });

  it('says which variable it misses', async () => {
    const error = await failureOf(spiffeJwtSvid({ environment: {} }).getAssertion(createRequest()));
    expect(error.expected).toBe('the variable SPIFFE_ENDPOINT_SOCKET');
  });

  it('reads a file at every use instead, if told so', async () => {
    const [first, second] = [await createToken({ sub: BILLING }), await createToken({ sub: BILLING })];
    const volume = await createProjectedVolume(first);
    const source = spiffeJwtSvid({ path: volume.path, spiffeId: BILLING });
    expect(await source.getAssertion(createRequest())).toBe(first);
    await volume.rotate(second);
    expect(await source.getAssertion(createRequest())).toBe(second);
  });

  it('takes no file with the token of another identity or audience', async () => {
    const path = join(await createFolder(), 'svid');
    const other = await createToken({ sub: REPORTS });
    await writeFile(path, other);
    const source = spiffeJwtSvid({ path, spiffeId: BILLING });
    expect((await failureOf(source.getAssertion(createRequest()), [other])).received).toBe(
      `one for "${REPORTS}"`,
    );
    const foreign = await createToken({ sub: BILLING, aud: 'x' });
    await writeFile(path, foreign);
    const error = await failureOf(source.getAssertion(createRequest()), [foreign]);
    expect([error.received, error.hint]).toEqual(['one for "x"', expect.stringContaining('spiffe-helper')]);
  });

  it.each([
    [{ path: '/svid', endpoint: 'unix:///a' }, 'exclude each other'],
    [{ spiffeId: 'billing' }, 'spiffeId must look like'],
    [{ endpoint: 'unix:///a', fetch }, 'unknown option "fetch"'],
  ])('refuses the options %j', (options, message) => {
    expect(() => spiffeJwtSvid(options)).toThrow(message);
  });
});
