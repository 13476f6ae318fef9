import { authorizedFetch, createTokenSource, type TokenSourceOptions } from '@mcp-m2m/core/client';
import { expect, it } from 'vitest';

/** A client registered with somebody's authorization server, and a protected server that takes its tokens. */
export interface RegisteredClient {
  /** Options for a source of tokens that reads the current secret whenever it needs it. */
  readonly options: TokenSourceOptions;
  /** Token requests that reached the authorization server. */
  readonly tokenRequests: () => number;
  /** Replaces the secret, at the authorization server and where the source reads it. */
  readonly rotateSecret: () => Promise<void>;
  readonly deleteClient: () => Promise<void>;
}

/** What holds of a client from its first token to its end, at any authorization server. */
export function describeClientLife(register: () => Promise<RegisteredClient>): void {
  it('50 callers at once that have no token cause one token request', async () => {
    const { options, tokenRequests } = await register();
    const call = authorizedFetch(createTokenSource(options));
    const answers = await Promise.all(Array.from({ length: 50 }, () => listTools(call, options.resource)));
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(tokenRequests()).toBe(1);
  });

  it('50 callers at once whose token has expired cause one more', async () => {
    const { options, tokenRequests } = await register();
    const clock = startClock();
    const call = authorizedFetch(createTokenSource({ ...options, now: clock.now }));
    await listTools(call, options.resource);
    clock.advance(A_DAY);
    const answers = await Promise.all(Array.from({ length: 50 }, () => listTools(call, options.resource)));
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(tokenRequests()).toBe(2);
  });

  it('a secret that was rotated is taken up without a restart, and the token at hand outlives it', async () => {
    const { options, tokenRequests, rotateSecret } = await register();
    const clock = startClock();
    const call = authorizedFetch(createTokenSource({ ...options, now: clock.now }));
    expect((await listTools(call, options.resource)).status).toBe(200);
    await rotateSecret();
    expect((await listTools(call, options.resource)).status).toBe(200);
    expect(tokenRequests()).toBe(1);
    clock.advance(A_DAY);
    expect((await listTools(call, options.resource)).status).toBe(200);
    expect(tokenRequests()).toBe(2);
  });

  it('a client that was deleted is told invalid_client, and asks once however many call', async () => {
    const { options, tokenRequests, deleteClient } = await register();
    await deleteClient();
    const clock = startClock();
    const tokens = createTokenSource({ ...options, now: clock.now });
    const refused = { name: 'TokenAcquisitionError', code: 'invalid_client', step: 'token_request' };
    const answers = await Promise.allSettled(Array.from({ length: 50 }, () => tokens.getToken()));
    for (const answer of answers) expect(answer).toMatchObject({ status: 'rejected', reason: refused });
    await expect(tokens.getToken()).rejects.toMatchObject({ ...refused, retryAt: expect.any(Date) });
    expect(tokenRequests()).toBe(1);
    clock.advance(15_000);
    await expect(tokens.getToken()).rejects.toMatchObject(refused);
    expect(tokenRequests()).toBe(1);
  });
}

const A_DAY = 86_400_000;

function startClock(): { now: () => number; advance: (milliseconds: number) => void } {
  let offset = 0;
  return { now: () => Date.now() + offset, advance: (milliseconds) => void (offset += milliseconds) };
}

async function listTools(call: typeof fetch, resource: string | URL): Promise<Response> {
  const response = await call(resource, {
    method: 'POST',
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
  });
  await response.arrayBuffer();
  return response;
}
