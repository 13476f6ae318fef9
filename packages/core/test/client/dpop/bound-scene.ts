import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { onTestFinished } from 'vitest';
import {
  authorizedFetch,
  clientSecretBasic,
  createDpop,
  createTokenSource,
  type AuthorizedFetch,
  type DpopProver,
  type TokenEvent,
  type TokenSource,
  type TokenSourceOptions,
} from '../../../src/client/index.ts';
import { protectRequest, writeAnswer } from '../../../src/node/index.ts';
import { createResourceServer, type Decision, type DpopOptions } from '../../../src/server/index.ts';
import { listen } from '../../node/scene.ts';

/** The whole way: an authorization server, this package's own resource server, and a source with a key. */
export interface BoundScene {
  readonly authority: TestAuthority;
  readonly resource: string;
  readonly prover: DpopProver;
  readonly tokens: TokenSource;
  /** The source's, around one that records. */
  readonly fetch: AuthorizedFetch;
  readonly events: TokenEvent[];
  readonly decisions: Decision[];
  /** Headers of everything that was sent to the MCP endpoint with a token, oldest first. */
  readonly sent: Headers[];
  readonly options: TokenSourceOptions;
}

/** How the scene differs from the ordinary. */
export interface BoundSceneOptions {
  /** Of the resource server. Default: bound tokens alone. */
  readonly dpop?: DpopOptions;
  /** How far the clock that dates the proofs is ahead of everybody's. */
  readonly proofsAheadSeconds?: number;
  readonly source?: Partial<TokenSourceOptions>;
}

/** Sets the scene, on the authority's clock. Calling the tool `start_deployment` takes the scope `deploy:write`. */
export async function createBoundScene(options: BoundSceneOptions = {}): Promise<BoundScene> {
  const authority = await createTestAuthority();
  onTestFinished(() => authority.close());
  authority.registerClient({ clientId: 'nightly', secret: 'a test secret' });
  const port = await listen((request, response) => {
    void (async () => {
      const metadata = await server.answerMetadata(request.method ?? '', request.url ?? '');
      if (metadata !== undefined) return writeAnswer(response, metadata);
      const result = await protectRequest(server, request, response);
      if (!result.ok) return writeAnswer(response, result.answer);
      response.writeHead(200, { ...result.headers, 'content-type': 'application/json' });
      response.end(JSON.stringify(result.parsedBody ?? null));
    })();
  });
  const resource = `http://127.0.0.1:${port}/mcp`;
  const decisions: Decision[] = [];
  const server = createResourceServer({
    resource,
    authorizationServers: [authority.issuer],
    access: { scopes: ['deploy:read'], tools: { start_deployment: ['deploy:write'] } },
    dpop: options.dpop ?? { required: true },
    now: authority.now,
    onDecision: (decision) => decisions.push(decision),
  });
  const ahead = (options.proofsAheadSeconds ?? 0) * 1000;
  const prover = createDpop({ now: () => authority.now() + ahead });
  const events: TokenEvent[] = [];
  const sourceOptions: TokenSourceOptions = {
    resource,
    issuer: authority.issuer,
    clientId: 'nightly',
    authentication: clientSecretBasic({ clientSecret: 'a test secret' }),
    dpop: prover,
    now: authority.now,
    onEvent: (event) => events.push(event),
    ...options.source,
  };
  const tokens = createTokenSource(sourceOptions);
  const sent: Headers[] = [];
  const recordingFetch: AuthorizedFetch = (input, init) => {
    const headers = new Headers(init?.headers);
    if (headers.has('authorization')) sent.push(headers);
    return fetch(input, init);
  };
  const wrapped = authorizedFetch(tokens, { fetch: recordingFetch });
  return {
    authority,
    resource,
    prover,
    tokens,
    fetch: wrapped,
    events,
    decisions,
    sent,
    options: sourceOptions,
  };
}

/** Calls a tool. */
export function callTool({ fetch, resource }: BoundScene, name: string, init: RequestInit = {}) {
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {} } };
  return fetch(resource, {
    method: 'POST',
    body: JSON.stringify(message),
    ...init,
    headers: [['content-type', 'application/json'], ...new Headers(init.headers)],
  });
}

/** What the resource server decided of requests with a token since the last time this was asked. */
export function judgements({ decisions }: BoundScene): string[] {
  return decisions
    .splice(0)
    .map(({ reason }) => reason ?? 'allowed')
    .filter((reason) => reason !== 'credentials_missing');
}
