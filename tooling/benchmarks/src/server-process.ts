import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A server in a process of its own. */
export interface ServerProcess extends Disposable {
  readonly url: string;
  /** Processor time the process has used, in microseconds. */
  readonly processorMicroseconds: () => Promise<number>;
  /** Resident memory of the process, in bytes. */
  readonly residentBytes: () => Promise<number>;
  /** What its heap holds after the garbage was collected, in bytes. */
  readonly heapBytes: () => Promise<number>;
}

/** Starts a server program, which sends the port that it listens on. */
export async function startServer(program: string, parameters: readonly string[]): Promise<ServerProcess> {
  const child = fork(fileURLToPath(new URL(`servers/${program}`, import.meta.url)), parameters, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [port] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error(`${program} ${parameters.join(' ')} stopped before it listened`);
    }),
  ])) as [number];
  return {
    processorMicroseconds: async () => (await askForUsage(child)).processorMicroseconds,
    residentBytes: async () => (await askForUsage(child)).residentBytes,
    heapBytes: async () => (await askForUsage(child, COLLECT)).heapBytes,
    url: `http://127.0.0.1:${port}/mcp`,
    [Symbol.dispose]: () => child.kill('SIGKILL'),
  };
}

/** What a server program answers to every message. */
export interface ProcessUsage {
  readonly processorMicroseconds: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
}

const COLLECT = 'usage after collecting garbage';

/**
 * To be sent by a server program.
 *
 * @param question - the message that asked; without it no garbage is collected
 */
export function measureUsage(question?: unknown): ProcessUsage {
  if (question === COLLECT) globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return { processorMicroseconds: user + system, residentBytes: rss, heapBytes: heapUsed };
}

async function askForUsage(child: ChildProcess, question = 'usage'): Promise<ProcessUsage> {
  child.send(question);
  const [usage] = (await once(child, 'message')) as [ProcessUsage];
  return usage;
}
