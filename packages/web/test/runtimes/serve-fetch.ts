import type { ServerFetch } from '../contract-fetch.ts';

/** A server of Bun or Deno. */
export interface Served {
  readonly port: number;
  /** Ends it, and every connection that is still open. */
  readonly stop: () => Promise<void>;
}

interface Runtimes {
  readonly Bun?: {
    readonly serve: (options: { port: number; hostname: string; fetch: ServerFetch }) => {
      readonly port: number;
      readonly stop: (closeConnections: boolean) => Promise<void>;
    };
  };
  readonly Deno?: {
    readonly serve: (
      options: { port: number; hostname: string; signal: AbortSignal; onListen: () => void },
      fetch: ServerFetch,
    ) => { readonly addr: { readonly port: number } };
  };
}

/** Serves on a loopback port of its own, with what the runtime has for it. */
export function serveFetch(fetch: ServerFetch): Served {
  const { Bun, Deno } = globalThis as Runtimes;
  const address = { port: 0, hostname: '127.0.0.1' };
  if (Bun !== undefined) {
    const server = Bun.serve({ ...address, fetch });
    return { port: server.port, stop: () => server.stop(true) };
  }
  if (Deno === undefined) throw new Error('neither Bun nor Deno');
  const stopped = new AbortController();
  const server = Deno.serve({ ...address, signal: stopped.signal, onListen: () => undefined }, fetch);
  return { port: server.addr.port, stop: async () => stopped.abort() };
}
