import { describe, expect, it } from 'vitest';

import { connectThroughBridge } from './bridged-client.ts';
import { startStatefulScene } from './stateful-scene.ts';

const textOf = (content: string) => [{ type: 'text', text: content }];

describe('mcp-m2m bridge, to a server with sessions', () => {
  it('progress, and questions of the server, arrive and are answered', async () => {
    await using scene = await startStatefulScene();
    const { client } = await connectThroughBridge(scene, 'legacy', (prepared) => {
      prepared.setRequestHandler('elicitation/create', async ({ params }) => ({
        action: 'accept',
        content: { environment: params.message === 'Which environment?' ? 'staging' : 'unasked' },
      }));
      prepared.setRequestHandler('sampling/createMessage', async () => ({
        model: 'test',
        role: 'assistant',
        content: { type: 'text', text: 'three' },
      }));
    });
    const steps: number[] = [];
    const counted = await client.callTool(
      { name: 'count', arguments: { to: 3 } },
      { onprogress: ({ progress }) => void steps.push(progress) },
    );
    expect(counted.content).toEqual(textOf('counted to 3'));
    expect(steps).toEqual([1, 2, 3]);
    expect((await client.callTool({ name: 'ask', arguments: {} })).content).toEqual(
      textOf('accept: {"environment":"staging"}'),
    );
    const thought = await client.callTool({ name: 'think', arguments: {} });
    expect(thought.content).toEqual(textOf('thought: {"type":"text","text":"three"}'));
  });

  it('notifications that belong to no request arrive', async () => {
    await using scene = await startStatefulScene();
    const { client } = await connectThroughBridge(scene);
    await expect.poll(() => scene.control.streams).toBe(1);
    const announced = new Promise((resolve) => {
      client.setNotificationHandler('notifications/message', ({ params }) => resolve(params.data));
    });
    await client.callTool({ name: 'announce', arguments: {} });
    expect(await announced).toBe('announced');
  });

  it('a stream that breaks is taken up again where it was', async () => {
    await using scene = await startStatefulScene();
    const { client } = await connectThroughBridge(scene);
    const { content } = await client.callTool({ name: 'interrupted', arguments: {} });
    expect(content).toEqual(textOf('taken up again'));
  });

  it.each([404, 400] as const)('a session that the server has lost (%i) is begun anew', async (status) => {
    await using scene = await startStatefulScene();
    scene.control.unknownSession = status;
    const bridged = await connectThroughBridge(scene);
    await expect.poll(() => scene.control.streams).toBe(1);
    await scene.stop();
    await scene.start();
    const calls = await Promise.all(
      [1, 2, 3].map((to) => bridged.client.callTool({ name: 'count', arguments: { to } })),
    );
    expect(calls.map(({ content }) => content)).toEqual([1, 2, 3].map((to) => textOf(`counted to ${to}`)));
    expect(scene.control.begun).toBe(2);
    // And the new session has its stream.
    await expect.poll(() => scene.control.streams).toBe(2);
    const announced = new Promise((resolve) => {
      bridged.client.setNotificationHandler('notifications/message', ({ params }) => resolve(params.data));
    });
    await bridged.client.callTool({ name: 'announce', arguments: {} });
    expect(await announced).toBe('announced');
    expect(bridged.lines.join('\n')).not.toContain('bridge-handshake');
    expect(await bridged.end()).toBe(0);
  });

  it('what the server was at when it was restarted is answered, and the session goes on by itself', async () => {
    await using scene = await startStatefulScene();
    const bridged = await connectThroughBridge(scene);
    await expect.poll(() => scene.control.streams).toBe(1);
    const { promise: isAtIt, resolve: onprogress } = Promise.withResolvers<unknown>();
    const call = bridged.client.callTool({ name: 'wait', arguments: {} }, { onprogress });
    call.catch(() => undefined);
    await isAtIt;
    await scene.stop();
    await scene.start();
    await expect(call).rejects.toThrow(/lost the session while it worked on this/);
    // The client has sent nothing since, and still hears of the server.
    await expect.poll(() => scene.control.streams).toBe(2);
    expect(scene.control.begun).toBe(2);
  });

  it('a server that does not listen for a second is waited for', async () => {
    await using scene = await startStatefulScene();
    const { client } = await connectThroughBridge(scene);
    await scene.stop();
    const call = client.callTool({ name: 'count', arguments: { to: 1 } });
    setTimeout(() => void scene.start(), 1000);
    expect((await call).content).toEqual(textOf('counted to 1'));
  });

  it('a server that stays away is said, and not waited for without end', async () => {
    await using scene = await startStatefulScene();
    const { client } = await connectThroughBridge(scene);
    await scene.stop();
    await expect(client.callTool({ name: 'count', arguments: { to: 1 } })).rejects.toThrow(
      'The server cannot be reached (ECONNREFUSED).',
    );
    await scene.start();
    expect((await client.callTool({ name: 'count', arguments: { to: 2 } })).content).toEqual(
      textOf('counted to 2'),
    );
  });

  it('what the client cancels is cancelled at the server', async () => {
    await using scene = await startStatefulScene();
    const { client } = await connectThroughBridge(scene);
    const waiting = new Promise<void>((resolve) => (scene.control.onWaiting = resolve));
    const controller = new AbortController();
    const call = client.callTool({ name: 'wait', arguments: {} }, { signal: controller.signal });
    await waiting;
    controller.abort();
    await expect(call).rejects.toThrow(/abort/i);
    await expect.poll(() => scene.control.cancelled).toBe(1);
  });

  it('a token that has expired meanwhile is renewed', async () => {
    await using scene = await startStatefulScene();
    const { client } = await connectThroughBridge(scene);
    await client.callTool({ name: 'count', arguments: { to: 1 } });
    const requests = () => scene.authority.requests.filter(({ endpoint }) => endpoint === 'token').length;
    expect(requests()).toBe(1);
    scene.authority.advanceSeconds(3600);
    const { content } = await client.callTool({ name: 'count', arguments: { to: 2 } });
    expect(content).toEqual(textOf('counted to 2'));
    expect(requests()).toBe(2);
  });

  it('tokens bound to a key: every message has its proof', async () => {
    await using scene = await startStatefulScene({ dpop: true });
    const { client } = await connectThroughBridge(scene);
    for (const to of [1, 2, 3]) {
      expect((await client.callTool({ name: 'count', arguments: { to } })).content).toEqual(
        textOf(`counted to ${to}`),
      );
    }
    expect((await client.callTool({ name: 'interrupted', arguments: {} })).content).toEqual(
      textOf('taken up again'),
    );
  });

  it('messages of twelve million characters pass in the direction of the client', async () => {
    await using scene = await startStatefulScene();
    const { client } = await connectThroughBridge(scene);
    const { content } = await client.callTool({ name: 'big', arguments: { characters: 12_000_000 } });
    const [part] = content;
    expect(part?.type === 'text' && part.text.length).toBe(12_000_000);
  });

  it('and in the other direction, as far as the server takes them', async () => {
    await using scene = await startStatefulScene();
    const bridged = await connectThroughBridge(scene);
    const call = bridged.client.callTool({ name: 'measure', arguments: { value: 'x'.repeat(12_000_000) } });
    // The protection of that server reads 4 MiB.
    await expect(call).rejects.toThrow(/4194304|large|4 MiB/i);
    const after = await bridged.client.callTool({
      name: 'measure',
      arguments: { value: 'x'.repeat(3_000_000) },
    });
    expect(after.content).toEqual(textOf('3000000 characters'));
  });

  it('when standard input ends it ends with 0, and its session with it', async () => {
    await using scene = await startStatefulScene();
    const bridged = await connectThroughBridge(scene);
    await bridged.client.listTools();
    const waiting = new Promise<void>((resolve) => (scene.control.onWaiting = resolve));
    const call = bridged.client.callTool({ name: 'wait', arguments: {} });
    call.catch(() => undefined);
    await waiting;
    expect(await bridged.end()).toBe(0);
    expect(bridged.err()).toBe('');
  });
});

describe('what the bridge writes', () => {
  it('is JSON-RPC and nothing else, whatever it is sent', async () => {
    await using scene = await startStatefulScene();
    const bridged = await connectThroughBridge(scene);
    await bridged.client.listTools();
    await expect(bridged.client.callTool({ name: 'unheard', arguments: {} })).resolves.toMatchObject({
      isError: true,
    });
    for (const line of bridged.lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
    expect(await bridged.end()).toBe(0);
  });
});
