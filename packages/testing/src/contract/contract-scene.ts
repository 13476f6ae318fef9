import type { ClientRequest } from 'node:http';
import { createTestAuthority } from '../authority.ts';
import type { TestAuthority } from '../test-authority.ts';
import type { AdapterContractSettings } from './adapter-contract-options.ts';
import type { ContractCase } from './contract-case.ts';
import {
  BODILESS_METHODS,
  openRequest,
  readAnswer,
  receiveHead,
  startRequest,
  type ReceivedAnswer,
  type SentRequest,
} from './contract-client.ts';
import type { ContractServer, ContractServerOptions, StartContractServer } from './contract-server.ts';
import { expectSame } from './expect-same.ts';

/** What the server calls itself, whatever port it listens on. */
export const RESOURCE_ORIGIN = 'https://mcp.example.com';

export const ACCESS: ContractServerOptions['access'] = {
  scopes: ['deploy:read'],
  tools: {
    start_deployment: { scopes: ['deploy:write'] },
    approve_production: { scopes: ['deploy:approve'], caller: 'user' },
    rotate_keys: { caller: 'machine' },
  },
};

/** A request to the protected path, unless it says otherwise. */
export type SceneRequest = Omit<SentRequest, 'path' | 'body'> & {
  readonly path?: string;
  /** Sent as the credentials `Bearer`. */
  readonly token?: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly body?: SentRequest['body'];
};

/** A protected server of its own for one case, and the authority whose tokens it takes. */
export interface ContractScene {
  readonly authority: TestAuthority;
  readonly settings: AdapterContractSettings;
  readonly origin: string;
  /** The protected path. */
  readonly path: string;
  /** Opens a request without its body, which is to be written and ended. */
  readonly open: (request: SceneRequest) => ClientRequest;
  /** Sends a request, and leaves its answer to be read. */
  readonly start: (request: SceneRequest) => ClientRequest;
  /** Sends a request, and reads its answer. */
  readonly send: (request?: SceneRequest) => Promise<ReceivedAnswer>;
  /** Calls a tool that the handler offers to the suite itself, and returns what it answered. */
  readonly control: (tool: 'status' | 'release', gate?: string) => Promise<unknown>;
}

/** Defines cases on scenes of their own. */
export type DefineCase = (
  name: string,
  run: (scene: ContractScene) => Promise<void>,
  options?: Partial<ContractServerOptions>,
) => ContractCase;

/** Creates what makes a case out of its name and what happens in it. */
export function createCaseDefinition(
  startServer: StartContractServer,
  settings: AdapterContractSettings,
): DefineCase {
  return (name, run, options = {}) => ({
    name,
    run: async () => {
      const resource = `${RESOURCE_ORIGIN}${settings.path}`;
      const authority = await createTestAuthority({ audience: resource, scope: 'deploy:read' });
      let server: ContractServer | undefined;
      try {
        const authorizationServers = [authority.issuer];
        server = await startServer({ resource, authorizationServers, access: ACCESS, ...options });
        await run(createScene(server.origin, authority, settings));
      } finally {
        await server?.close();
        await authority.close();
      }
    },
  });
}

function createScene(
  origin: string,
  authority: TestAuthority,
  settings: AdapterContractSettings,
): ContractScene {
  const { path, answerTimeoutMilliseconds } = settings;
  const prepare = ({ token, json, body, headers, ...request }: SceneRequest): SentRequest => {
    const message = json === undefined ? body : JSON.stringify(json);
    const isBodiless = message === undefined && BODILESS_METHODS.has(request.method ?? 'POST');
    return {
      path,
      ...request,
      headers: {
        ...(isBodiless ? {} : { 'Content-Type': 'application/json' }),
        Accept: 'application/json, text/event-stream',
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: message ?? (isBodiless ? '' : DEFAULT_BODY),
    };
  };
  const start: ContractScene['start'] = (request) =>
    startRequest(origin, prepare(request), answerTimeoutMilliseconds);
  const send: ContractScene['send'] = (request = {}) => {
    const answered = receiveHead(start(request)).then(readAnswer);
    // A case that fails meanwhile does not wait for it any more.
    answered.catch(() => undefined);
    return answered;
  };
  return {
    authority,
    settings,
    origin,
    path,
    open: (request) => openRequest(origin, prepare(request), answerTimeoutMilliseconds),
    start,
    send,
    control: async (tool, gate) => {
      const { status, body } = await send({ token: authority.mint(), json: callTool(tool, { gate }) });
      expectSame(status, 200, `the status of the handler's tool "${tool}"`);
      return JSON.parse(body);
    },
  };
}

/** A message that needs the base scopes alone. */
export const LIST_TOOLS = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };
const DEFAULT_BODY = JSON.stringify(LIST_TOOLS);

/** The message that calls a tool; its id is 7. */
export function callTool(name: string, args: Readonly<Record<string, unknown>> = {}): object {
  return { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name, arguments: args } };
}
