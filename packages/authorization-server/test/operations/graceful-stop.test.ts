import { createServer, Agent, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';

import { afterEach, describe, expect, it } from 'vitest';

import { prepareGracefulStop, type GracefulStop } from '../../src/index.ts';

describe('a graceful stop', () => {
  let server: Server;
  let graceful: GracefulStop;
  let port: number;
  const agents: Agent[] = [];

  async function start(work: () => Promise<void> = async () => await sleep(5)) {
    server = createServer((_request, response) => {
      void work().then(() => response.end('done'));
    });
    graceful = prepareGracefulStop(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  }

  afterEach(() => {
    for (const agent of agents.splice(0)) agent.destroy();
    server.closeAllConnections();
    server.close();
  });

  async function ask(agent: Agent) {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      httpRequest({ host: '127.0.0.1', port, agent }).once('response', resolve).once('error', reject).end();
    });
    return { body: await text(response), connection: response.headers.connection };
  }

  it('answers every request of a crowd with kept connections that goes elsewhere meanwhile', async () => {
    await start();
    let answered = 0;
    const failed: unknown[] = [];
    let ready = true;
    const isReady = () => ready;
    const crowd = Array.from({ length: 20 }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      agents.push(agent);
      while (isReady()) {
        try {
          expect((await ask(agent)).body).toBe('done');
          answered++;
        } catch (error) {
          failed.push(error);
        }
      }
    });
    await expect.poll(() => answered).toBeGreaterThan(20);
    const stopped = graceful.stop({ delaySeconds: 2, withinSeconds: 10 });
    const before = answered;
    await expect.poll(() => answered).toBeGreaterThan(before + 20);
    // As a load balancer learns from /readyz.
    ready = false;
    await Promise.all(crowd);
    expect(await stopped).toBe(true);
    expect(failed).toEqual([]);
  });

  it('tells kept connections that each answer is the last one, as soon as it begins', async () => {
    await start();
    const agent = new Agent({ keepAlive: true });
    agents.push(agent);
    expect((await ask(agent)).connection).toBe('keep-alive');
    const stopped = graceful.stop({ delaySeconds: 0.2, withinSeconds: 10 });
    expect(await ask(agent)).toEqual({ body: 'done', connection: 'close' });
    expect(await stopped).toBe(true);
  });

  it('waits for the answers that take long, and tells their connection that they are the last', async () => {
    let finish: (() => void) | undefined;
    await start(async () => await new Promise<void>((resolve) => (finish = resolve)));
    const agent = new Agent({ keepAlive: true });
    agents.push(agent);
    const answer = ask(agent);
    await expect.poll(() => finish).toBeDefined();
    const stopped = graceful.stop({ delaySeconds: 0, withinSeconds: 10 });
    finish?.();
    expect(await answer).toEqual({ body: 'done', connection: 'close' });
    expect(await stopped).toBe(true);
  });

  it('cuts off what takes too long, and says so', async () => {
    await start(async () => await new Promise(() => undefined));
    const agent = new Agent({ keepAlive: true });
    agents.push(agent);
    const answer = ask(agent).catch((error: unknown) => error);
    await expect.poll(async () => await connections()).toBe(1);
    expect(await graceful.stop({ delaySeconds: 0, withinSeconds: 0.05 })).toBe(false);
    expect(await answer).toBeInstanceOf(Error);
  });

  it('is not held up by connections that never send anything', async () => {
    await start();
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    await expect.poll(async () => await connections()).toBe(1);
    expect(await graceful.stop({ delaySeconds: 0, withinSeconds: 10 })).toBe(true);
    socket.destroy();
  });

  async function connections(): Promise<number> {
    return await new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
  }
});
