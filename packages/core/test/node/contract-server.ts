import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  createContractHandler,
  writeContractAnswer,
  type ContractAnswer,
  type ContractServer,
  type StartContractServer,
} from '@mcp-m2m/testing/contract';
import { protectRequest, writeAnswer, type Protected } from '../../src/node/index.ts';
import { createResourceServer, type HttpAnswer, type ResourceServer } from '../../src/server/index.ts';

/** The steps of an adapter, each of which a test may do wrong. */
export interface AdapterSteps {
  /** Before anything else. */
  readonly receive: (request: IncomingMessage, response: ServerResponse) => unknown;
  readonly protect: typeof protectRequest;
  readonly refuse: (response: ServerResponse, answer: HttpAnswer) => unknown;
  /** Whether a request that was answered ends there. */
  readonly stops: boolean;
  readonly pass: (response: ServerResponse, result: Protected) => Partial<Protected>;
  readonly answer: (response: ServerResponse, answer: ContractAnswer) => unknown;
  readonly metadata: (
    server: ResourceServer,
    method: string,
    url: string,
  ) => ReturnType<ResourceServer['answerMetadata']>;
}

const STEPS: AdapterSteps = {
  receive: () => undefined,
  protect: protectRequest,
  refuse: writeAnswer,
  stops: true,
  pass: (response, result) => {
    for (const [name, value] of Object.entries(result.headers)) response.setHeader(name, value);
    return result;
  },
  answer: writeContractAnswer,
  metadata: (server, method, url) => server.answerMetadata(method, url),
};

/** Starts the contract's handler behind core alone, with a plain Node.js server. */
export function startWith(changes: Partial<AdapterSteps> = {}): StartContractServer {
  const steps = { ...STEPS, ...changes };
  return (options) => {
    const resourceServer = createResourceServer(options);
    const handle = createContractHandler();
    const { pathname } = new URL(options.resource);
    const serve = async (request: IncomingMessage, response: ServerResponse): Promise<unknown> => {
      const { method = 'GET', url = '/' } = request;
      await steps.receive(request, response);
      const metadata = await steps.metadata(resourceServer, method, url);
      if (metadata !== undefined) return writeAnswer(response, metadata);
      if (url.split('?', 1)[0] !== pathname) return response.writeHead(404).end();
      const result = await steps.protect(resourceServer, request, response);
      if (!result.ok) {
        steps.refuse(response, result.answer);
        if (steps.stops) return undefined;
      }
      const { caller, parsedBody } = result.ok ? steps.pass(response, result) : {};
      const answer = await handle({ method, caller, parsedBody, readStream: () => text(request) });
      return response.headersSent ? undefined : steps.answer(response, answer);
    };
    return listen((request, response) => {
      serve(request, response).catch(() => response.writeHead(500).end());
    });
  };
}

async function listen(listener: RequestListener): Promise<ContractServer> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
