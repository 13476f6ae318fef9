import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { ContractCase } from '../contract-case.ts';
import { readHeaders, receiveHead } from '../contract-client.ts';
import { STREAM_EVENTS } from '../contract-handler.ts';
import { callTool, type ContractScene, type DefineCase } from '../contract-scene.ts';
import { waitForStatus } from '../contract-status.ts';
import { expectSame } from '../expect-same.ts';

const [FIRST = '', ...OTHERS] = STREAM_EVENTS;

/** Calls the tool that streams, and reads the first event. */
async function openStream(scene: ContractScene, gate: string): Promise<IncomingMessage> {
  const json = callTool('stream', { gate });
  const response = await receiveHead(scene.start({ token: scene.authority.mint(), json }));
  response.setEncoding('utf8');
  const {
    'content-type': type = '',
    'content-length': length,
    'www-authenticate': challenge,
  } = readHeaders(response);
  expectSame(
    { status: response.statusCode, type: type.split(';')[0], length, challenge },
    { status: 200, type: 'text/event-stream', length: undefined, challenge: undefined },
    'the head of the stream',
  );
  expectSame(await read(response, FIRST.length), FIRST, 'the first event');
  return response;
}

/** Reads so many characters, and no more than are there when the stream ends. */
async function read(response: IncomingMessage, length: number): Promise<string> {
  let received = '';
  while (received.length < length && !response.readableEnded) {
    const chunk = response.read() as string | null;
    if (chunk === null) await Promise.race([once(response, 'readable'), once(response, 'end')]);
    else received += chunk;
  }
  return received;
}

/** Cases about answers in parts. */
export function defineStreamCases(define: DefineCase): readonly ContractCase[] {
  const rest = OTHERS.join('');
  return [
    define('server-sent events pass as they come, and unchanged', async (scene) => {
      const response = await openStream(scene, 'g');
      // The first has arrived, while the handler still waits.
      expectSame(await scene.control('status'), { served: 1, open: 1 }, 'what the handler served');
      await scene.control('release', 'g');
      expectSame(await read(response, rest.length + 1), rest, 'the other events');
    }),
    define('streams at the same time end each for itself', async (scene) => {
      const [one, other] = await Promise.all([openStream(scene, 'one'), openStream(scene, 'other')]);
      await scene.control('release', 'other');
      expectSame(await read(other, rest.length + 1), rest, 'the events of the one that was released');
      expectSame(await scene.control('status'), { served: 2, open: 1 }, 'what the handler served');
      await scene.control('release', 'one');
      expectSame(await read(one, rest.length + 1), rest, 'the events of the other one');
    }),
    define('a client that leaves its stream ends it', async (scene) => {
      const streams = await Promise.all(['a', 'b', 'c'].map((gate) => openStream(scene, gate)));
      for (const stream of streams) stream.destroy();
      await waitForStatus(scene, ({ open }) => open === 0);
    }),
  ];
}
