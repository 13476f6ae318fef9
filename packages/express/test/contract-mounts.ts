import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { mcpAuth, McpAuthError, type McpAuth, type McpAuthOptions } from '@mcp-m2m/express';
import {
  createContractHandler,
  writeContractAnswer,
  type AdapterContractOptions,
  type StartContractServer,
} from '@mcp-m2m/testing/contract';
import type express from 'express';
import type { ErrorRequestHandler, Express, RequestHandler } from 'express';

/** One of the lines of Express. */
export type ExpressLine = typeof express;

/** A way to put a protected handler into an application. */
export interface Mount {
  readonly name: string;
  readonly into: (app: Express, path: string, auth: McpAuth, handler: RequestHandler) => unknown;
  readonly options?: AdapterContractOptions;
  readonly onRefusal?: McpAuthOptions['onRefusal'];
  /** Whether a parser has read the stream before the handler. */
  readonly parses?: true;
}

export function startWith(
  express: ExpressLine,
  { into, parses, onRefusal = 'answer' }: Mount,
): StartContractServer {
  return async (options) => {
    const auth = mcpAuth({ ...options, onRefusal });
    const handle = createContractHandler();
    const app = express();
    into(app, new URL(options.resource).pathname, auth, (request, response, next) => {
      const { method, auth: caller, body: parsedBody } = request;
      const stream = parses ? {} : { readStream: () => text(request) };
      handle({ method, caller, parsedBody, ...stream })
        .then((answer) => writeContractAnswer(response, answer))
        .catch(next);
    });
    const server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
      origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      close: () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    };
  };
}

/** Sends what `protect()` would have answered. */
const answerRefusal: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (error instanceof McpAuthError) response.writeHead(error.status, error.headers).end(error.body);
  else next(error);
};

/** The ways that {@link createMounts} knows. */
export type MountName =
  | 'withoutParser'
  | 'parserBehind'
  | 'parserBefore'
  | 'parsersBefore'
  | 'inRouter'
  | 'inNestedRouters'
  | 'inInnerApplication'
  | 'behindProxy'
  | 'errorHandler';

/** Where people put it, with and without parsers. */
export function createMounts(express: ExpressLine): Readonly<Record<MountName, Mount>> {
  const { json, Router, raw, text: plain, urlencoded } = express;
  return {
    withoutParser: {
      name: 'without a body parser',
      into: (app, path, auth, handler) => app.use(auth.metadata()).all(path, auth.protect(), handler),
    },
    parserBehind: {
      name: 'with express.json() behind it',
      into: (app, path, auth, handler) =>
        app.use(auth.metadata()).all(path, auth.protect(), json({ limit: '4mb' }), handler),
      parses: true,
    },
    parserBefore: {
      name: 'with express.json() before it',
      into: (app, path, auth, handler) => app.use(json(), auth.metadata()).all(path, auth.protect(), handler),
      options: { bodies: 'parser-first' },
      parses: true,
    },
    parsersBefore: {
      name: 'with parsers of every kind before it',
      into: (app, path, auth, handler) =>
        app
          .use(json({ strict: false }), urlencoded({ extended: true }), plain(), raw(), auth.metadata())
          .all(path, auth.protect(), handler),
      options: { bodies: 'parser-first' },
      parses: true,
    },
    inRouter: {
      name: 'in a router',
      into: (app, path, auth, handler) =>
        app.use(auth.metadata()).use(path, Router().use(auth.protect(), handler)),
      options: { path: '/api/v1/mcp' },
    },
    inNestedRouters: {
      name: 'in a router within a router, with a parameter in the path',
      into: (app, _path, auth, handler) => {
        const inner = Router().all('/mcp', auth.protect(), handler);
        app.use(auth.metadata()).use('/tenants', Router().use('/:tenant', inner));
      },
      options: { path: '/tenants/acme/mcp' },
    },
    inInnerApplication: {
      name: 'in an application within an application',
      into: (app, _path, auth, handler) =>
        app.use(auth.metadata()).use('/inner', express().all('/mcp', auth.protect(), handler)),
      options: { path: '/inner/mcp' },
    },
    behindProxy: {
      name: 'behind a proxy that is trusted',
      into: (app, path, auth, handler) =>
        app.set('trust proxy', true).use(auth.metadata()).all(path, auth.protect(), handler),
    },
    errorHandler: {
      name: 'with an error handler that answers refusals',
      into: (app, path, auth, handler) =>
        app.use(auth.metadata()).use(path, Router().use(auth.protect(), handler)).use(answerRefusal),
      onRefusal: 'next',
    },
  };
}
