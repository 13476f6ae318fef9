import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { onTestFinished } from 'vitest';

export const RESOURCE = 'https://mcp.example.com/mcp';
export const METADATA_PATH = '/.well-known/oauth-protected-resource/mcp';
export const METADATA_URL = `https://mcp.example.com${METADATA_PATH}`;
export const LIST_TOOLS = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

/** An authority whose tokens are for {@link RESOURCE} and have the scope `read`, until the test has finished. */
export async function createAuthority(): Promise<TestAuthority> {
  const authority = await createTestAuthority({ audience: RESOURCE, scope: 'read' });
  onTestFinished(() => authority.close());
  return authority;
}

/** One answer, as text and as JSON where it is. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
}

/** Sends a JSON-RPC message, or a GET where there is no body. */
export async function call(
  url: string,
  token?: string,
  body: unknown = LIST_TOOLS,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    ...(body === null ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: {
      ...(body === null ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
  });
  const text = await response.text();
  const { status, headers: received } = response;
  return { status, headers: received, text, json: /^[{["]/.test(text) ? JSON.parse(text) : undefined };
}
