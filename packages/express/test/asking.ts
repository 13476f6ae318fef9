import type { RefusalReason } from '@mcp-m2m/express';
import { expect } from 'vitest';
import { expectInvalidToken, send, type ProtectedApp } from './protected-app.ts';

/** Fails, rather than waits, when the answer takes three seconds. */
export function ask(app: ProtectedApp, token: string): Promise<Response> {
  return send(app, `Bearer ${token}`, undefined, { signal: AbortSignal.timeout(3000) });
}

export async function expectServed(app: ProtectedApp, token: string): Promise<void> {
  const response = await ask(app, token);
  expect([response.status, app.decisions.at(-1)?.reason]).toEqual([200, undefined]);
  await response.text();
  app.callers.length = 0;
}

export async function expectRefused(app: ProtectedApp, token: string, reason: RefusalReason): Promise<void> {
  return expectInvalidToken(app, await ask(app, token), reason);
}
