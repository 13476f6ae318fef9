import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

import { afterEach, describe, expect, it } from 'vitest';

import {
  GRANT,
  registerWithSecret,
  requestToken,
  startServer,
  type RunningServer,
} from '../running-server.ts';

describe('a token request that does not arrive in time', () => {
  let running: RunningServer;
  afterEach(async () => await running.stop());

  /** Sends a part of a request, and reads until the server closes the connection. */
  async function sendSome(some: string): Promise<string> {
    const { hostname, port } = new URL(running.origin);
    const socket = connect(Number(port), hostname);
    socket.write(some);
    return await text(socket);
  }

  const HEAD = 'POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n';

  it.each([
    ['tells its length', `${HEAD}Content-Length: 100\r\n\r\ngrant_type=`],
    ['does not tell its length', `${HEAD}Transfer-Encoding: chunked\r\n\r\nb\r\ngrant_type=\r\n`],
  ])('and %s is refused, once, and its connection closed', async (_case, some) => {
    running = await startServer({ requestTimeoutSeconds: 1 });
    const answer = await sendSome(some);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toMatch(/connection: close/i);
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toEqual({
      error: 'invalid_request',
      error_description: 'the token request did not arrive in time',
    });
    // Answered later than anything the first might still lead to.
    const secret = await registerWithSecret(running, 'nightly');
    expect(
      (await requestToken(running, { ...GRANT, client_id: 'nightly', client_secret: secret })).status,
    ).toBe(200);
    expect(running.events.filter(({ type }) => type === 'token_refused')).toMatchObject([
      { reason: 'request_timed_out', status: 408 },
    ]);
  });
});
