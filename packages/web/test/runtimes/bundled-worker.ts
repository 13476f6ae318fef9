import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { rolldown } from 'rolldown';
import workerd from 'workerd';
import type { RunningServer } from '../node-server.ts';

/** A Worker in one file, ready to be started. */
export interface BundledWorker extends AsyncDisposable {
  /** Starts it in a process of its own, with variables that it finds in its `env`. */
  readonly start: (variables?: Readonly<Record<string, string>>) => Promise<RunningServer>;
}

/** Bundles a module whose default export has a `fetch`, for the runtime of Cloudflare Workers. */
export async function bundleWorker(module: string): Promise<BundledWorker> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mcp-m2m-worker-'));
  const bundle = await rolldown({
    input: path.join(import.meta.dirname, module),
    platform: 'neutral',
    external: /^node:/,
    resolve: { mainFields: ['module', 'main'] },
  });
  await bundle.write({ file: path.join(folder, 'worker.js'), format: 'esm', codeSplitting: false });
  await bundle.close();
  return {
    start: async (variables = {}) => {
      const config = path.join(folder, `${Object.keys(variables).join('-')}.capnp`);
      await writeFile(config, describeWorker(Object.keys(variables)));
      return serve(config, variables);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** The Worker behind a loopback port of its own; it may call others on this machine. */
function describeWorker(variables: readonly string[]): string {
  const bindings = variables.map((name) => `(name = "${name}", fromEnvironment = "${name}")`);
  return `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "internet", network = (allow = ["public", "private"]))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-01",
  bindings = [${bindings.join(', ')}],
);
`;
}

async function serve(config: string, variables: Readonly<Record<string, string>>): Promise<RunningServer> {
  const child = spawn(workerd, ['serve', config, '--control-fd=3'], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...variables },
  });
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = once(child, 'exit');
  const events = createInterface(child.stdio[3] as Readable);
  const [event] = await Promise.race([
    once(events, 'line') as Promise<[string]>,
    ended.then(() => Promise.reject(new Error(`workerd ended: ${errors}`))),
  ]);
  const { port } = JSON.parse(event) as { readonly port: number };
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  return { origin: `http://127.0.0.1:${port}`, close, [Symbol.asyncDispose]: close };
}
