import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { mcpAuth, type Decision, type McpAuth, type McpAuthOptions } from '@mcp-m2m/web';
import { onTestFinished } from 'vitest';

export const RESOURCE = 'https://mcp.example.com/mcp';
export const LIST_TOOLS = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };
export const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1.0.0' } },
};

/** The body of a tool call. */
export function toolCall(name: string, args: Readonly<Record<string, unknown>> = {}): object {
  return { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name, arguments: args } };
}

/** A protected server without HTTP, and the authority whose tokens it takes. */
export interface Scene {
  readonly authority: TestAuthority;
  readonly auth: McpAuth;
  readonly decisions: Decision[];
  /** A request of this client, as a runtime would make it. */
  readonly requestOf: (clientId: string, init?: SceneRequestInit) => Request;
}

export interface SceneRequestInit extends RequestInit {
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. Default: {@link LIST_TOOLS}. */
  readonly json?: unknown;
}

export async function createScene(options: Partial<McpAuthOptions> = {}): Promise<Scene> {
  const authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
  onTestFinished(() => authority.close());
  const decisions: Decision[] = [];
  const auth = mcpAuth({
    resource: RESOURCE,
    authorizationServers: [authority.issuer],
    access: { scopes: ['deploy:read'], tools: { start_deployment: ['deploy:write'] } },
    now: authority.now,
    onDecision: (decision) => decisions.push(decision),
    ...options,
  });
  const requestOf: Scene['requestOf'] = (clientId, { url = RESOURCE, headers, json, ...init } = {}) => {
    const bodiless = ['GET', 'HEAD', 'DELETE'].includes(init.method ?? 'POST');
    return new Request(url, {
      method: 'POST',
      ...(bodiless ? {} : { body: JSON.stringify(json ?? LIST_TOOLS) }),
      ...init,
      headers: {
        authorization: `Bearer ${authority.mint({ sub: clientId, client_id: clientId })}`,
        'content-type': 'application/json',
        ...headers,
      },
    });
  };
  return { authority, auth, decisions, requestOf };
}

/** The bytes of a message in pieces, as a body of unknown length. */
export function inPieces(...pieces: readonly string[]): RequestInit {
  const chunks = pieces.map((piece) => new TextEncoder().encode(piece));
  return { body: ReadableStream.from(chunks), duplex: 'half' };
}
