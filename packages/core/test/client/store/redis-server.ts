import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A private Redis on a socket in a folder of its own, which outlives restarts; its data does not. */
export interface RedisServer {
  readonly socketPath: string;
  start(): Promise<void>;
  /** Kills it, as a crash would. */
  kill(): Promise<void>;
  /** Stops it in its tracks: connections stay open, nothing is answered. */
  suspend(): void;
  resume(): void;
  /** Kills it and removes its folder. */
  close(): Promise<void>;
}

/**
 * Starts `redis-server`.
 *
 * @throws Error saying how to install it, when it is not on the PATH
 */
export async function startRedisServer(): Promise<RedisServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mcp-m2m-redis-'));
  const socketPath = path.join(folder, 'redis.sock');
  const settings = ['--port', '0', '--unixsocket', socketPath, '--dir', folder, '--save', ''];
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const started = spawn('redis-server', [...settings, '--appendonly', 'no'], { stdio: 'ignore' });
    child = started;
    const failed = once(started, 'error').then(([cause]) => {
      throw new Error(
        'These tests need redis-server on the PATH, for example from `apt-get install redis-server`.',
        { cause },
      );
    });
    await Promise.race([failed, untilAccepting(started)]);
  }

  async function untilAccepting(started: ChildProcess): Promise<void> {
    for (let attempt = 0; attempt < 500; attempt++) {
      if (started.exitCode !== null) throw new Error(`redis-server ended with ${started.exitCode}`);
      if (await accepts(socketPath)) return;
      await sleep(20);
    }
    throw new Error('redis-server did not start within ten seconds');
  }

  async function kill(): Promise<void> {
    const running = child;
    child = undefined;
    if (running?.pid === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  }

  async function close(): Promise<void> {
    await kill();
    await rm(folder, { recursive: true, force: true });
  }

  await start().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    socketPath,
    start,
    kill,
    suspend: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    close,
  };
}

function accepts(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const settle = (accepted: boolean) => () => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', settle(true)).once('error', settle(false));
  });
}
