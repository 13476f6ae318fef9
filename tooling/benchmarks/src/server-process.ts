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
    url: `http://127.0.0.1:${port}/mcp`,
    [Symbol.dispose]: () => child.kill('SIGKILL'),
  };
}

/** What a server program answers to every message. */
export interface ProcessUsage {
  readonly processorMicroseconds: number;
  readonly residentBytes: number;
}

/** To be sent by a server program. */
export function measureUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage();
  return { processorMicroseconds: user + system, residentBytes: process.memoryUsage.rss() };
}

async function askForUsage(child: ChildProcess): Promise<ProcessUsage> {
  child.send('usage');
  const [usage] = (await once(child, 'message')) as [ProcessUsage];
  return usage;
}
