import { Agent, request } from 'node:http';
import { Readable } from 'node:stream';

/**
 * Fetches from the local network over plain http, and over a connection of its own: the global `fetch` goes through
 * a proxy where `NODE_USE_ENV_PROXY` says so, which would see what is asked and answered.
 *
 * A GET without a body; follows no redirect and decodes no content coding.
 */
export function fetchDirectly(url: string, init: RequestInit): Promise<Response> {
  return new Promise((resolve, reject) => {
    const options = {
      agent: new Agent(),
      headers: Object.fromEntries(new Headers(init.headers)),
      ...(init.signal ? { signal: init.signal } : {}),
    };
    const asked = request(url, options, (incoming) => {
      const { statusCode = 0, rawHeaders } = incoming;
      const headers = new Headers();
      for (let index = 0; index < rawHeaders.length; index += 2) {
        headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
      }
      const bodiless = BODILESS.has(statusCode);
      if (bodiless) incoming.resume();
      try {
        const body = bodiless ? null : (Readable.toWeb(incoming) as ReadableStream<Uint8Array>);
        resolve(new Response(body, { status: statusCode, headers }));
      } catch (error) {
        // A status beyond 599, say.
        incoming.destroy();
        reject(error);
      }
    });
    asked.on('error', reject).end();
  });
}

/** Statuses with which a `Response` takes no body. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);
