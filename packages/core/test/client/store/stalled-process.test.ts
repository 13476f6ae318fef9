import { once } from 'node:events';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { guardStore } from '../../../src/client/store/guarded-store.ts';

/** Answers every byte at once, and counts in shared memory how often it has. */
const SERVER = `
const { createServer } = require('node:net');
const { parentPort, workerData } = require('node:worker_threads');
const answered = new Int32Array(workerData);
const server = createServer((socket) => socket.on('data', () => socket.write('x', () => {
  Atomics.add(answered, 0, 1);
  Atomics.notify(answered, 0);
})));
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

it('a store that answered while this process stood still is not taken for dead', async () => {
  const memory = new SharedArrayBuffer(4);
  const answered = new Int32Array(memory);
  const worker = new Worker(SERVER, { eval: true, workerData: memory });
  onTestFinished(async () => void (await worker.terminate()));
  const [port] = (await once(worker, 'message')) as [number];
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');

  const failures: unknown[] = [];
  const store = guardStore(
    {
      read: async () => {
        const reply = once(socket, 'data');
        socket.write('?');
        await reply;
        return { version: 'v', record: {} };
      },
      compareAndSet: () => Promise.resolve(true),
    },
    { timeoutMilliseconds: 20, onFailure: (error) => failures.push(error) },
  );
  const reading = store.read('key');
  // As a garbage collection, a busy machine or a laptop's sleep would: nothing runs until the time is over.
  expect(Atomics.wait(answered, 0, 0, 20_000)).not.toBe('timed-out');
  const end = performance.now() + 50;
  while (performance.now() < end);
  expect(await reading).toEqual({ value: { version: 'v', record: {} } });
  expect(failures).toEqual([]);
});
