import { serveDocument, type Route } from './documents.ts';

/** A document that follows something that changes now and then. */
export interface CurrentDocument<Value extends object> {
  /** What it follows; the same object as long as nothing changed. */
  readonly current: () => Value | Promise<Value>;
  /** Served when that cannot be told, and nothing was served before. */
  readonly fallback: Value;
  readonly describe: (value: Value) => unknown;
  readonly contentType: string;
  readonly maxAgeSeconds: number;
}

/**
 * Makes a route that serves a public document as it is now, serialised once for every change. While what it
 * follows cannot be read, the last one is served.
 */
export function serveCurrentDocument<Value extends object>({
  current,
  fallback,
  describe,
  contentType,
  maxAgeSeconds,
}: CurrentDocument<Value>): Route {
  const routeOf = (value: Value): Route => serveDocument(describe(value), contentType, maxAgeSeconds);
  let known = fallback;
  let route = routeOf(fallback);
  const follow = async (): Promise<void> => {
    try {
      const value = await current();
      if (value !== known) [known, route] = [value, routeOf(value)];
    } catch {
      // The last one serves.
    }
  };
  return (request, response) => void follow().then(() => route(request, response));
}
