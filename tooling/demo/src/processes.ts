import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type {
  AuthorizationServerReplies,
  AuthorizationServerRequest,
} from './authorization-server-messages.ts';

/** Where the programs are that the demo starts. */
const AUTHORIZATION_SERVER = fileURLToPath(new URL('authorization-server.ts', import.meta.url));
const WORKER = fileURLToPath(import.meta.resolve('sample-worker/main'));

/** The same MCP server on each framework. */
const MCP_SERVERS = {
  Express: fileURLToPath(import.meta.resolve('sample-express/main')),
  Koa: fileURLToPath(import.meta.resolve('sample-koa/main')),
  NestJS: fileURLToPath(import.meta.resolve('sample-nestjs/main')),
  Hono: fileURLToPath(import.meta.resolve('sample-hono/main')),
} as const;

/** A framework that a sample MCP server stands on. */
export type Framework = keyof typeof MCP_SERVERS;

/** All of them. */
export const FRAMEWORKS = Object.keys(MCP_SERVERS) as readonly Framework[];

/** Every process that runs, so that none outlives the demo. */
const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** The authorization server's process. */
export interface AuthorizationServerProcess {
  readonly issuer: string;
  readonly ask: <T extends AuthorizationServerRequest['type']>(
    request: Extract<AuthorizationServerRequest, { type: T }>,
  ) => Promise<AuthorizationServerReplies[T]>;
}

/** Starts the authorization server's process; it listens, and waits to be told its resources. */
export async function startAuthorizationServer(database: string): Promise<AuthorizationServerProcess> {
  const child = track(
    fork(AUTHORIZATION_SERVER, [database], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
  );
  const nextReply = async (): Promise<unknown> => {
    // What is not heard any more must not go on listening.
    const waiting = new AbortController();
    const { signal } = waiting;
    const [message] = (await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(() => [{ error: 'The authorization server stopped.' }]),
    ]).finally(() => waiting.abort())) as [{ reply?: unknown; error?: string }];
    if (message.error !== undefined) throw new Error(message.error);
    return message.reply;
  };
  const { issuer } = (await nextReply()) as AuthorizationServerReplies['start'];
  return {
    issuer,
    ask: async (request) => {
      // A channel that has closed is reported here, and not as an event that nobody hears.
      child.send(request, () => undefined);
      return (await nextReply()) as never;
    },
  };
}

/** Starts a sample MCP server and returns its URL once it listens. */
export async function startMcpServer(framework: Framework, authorizationServer: string): Promise<string> {
  const child = track(
    spawn(process.execPath, [MCP_SERVERS[framework]], {
      env: { ...process.env, PORT: '0', AUTHORIZATION_SERVER: authorizationServer },
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  child.stdout.setEncoding('utf8');
  for await (const chunk of child.stdout) {
    const url = /http:\S+/.exec(String(chunk))?.[0];
    if (url !== undefined) return url;
  }
  throw new Error(`The MCP server on ${framework} stopped before it was ready.`);
}

/** What the worker printed. */
export interface WorkerRun {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Runs the sample worker once. */
export async function runWorker(environment: Readonly<Record<string, string>>): Promise<WorkerRun> {
  const child = track(
    spawn(process.execPath, [WORKER], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  }
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, output: output.trim() };
}

/** Ends every process and waits until none is left. */
export async function stopEverything(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      const gone = once(child, 'exit');
      if (child.connected) child.disconnect();
      else child.kill('SIGTERM');
      const deadline = setTimeout(() => child.kill('SIGKILL'), 3000);
      await gone;
      clearTimeout(deadline);
    }),
  );
}

function track<T extends ChildProcess>(child: T): T {
  running.add(child);
  // A process that cannot be started or reached shows in the step that needs it.
  child.on('error', () => undefined);
  child.once('exit', () => running.delete(child));
  return child;
}
