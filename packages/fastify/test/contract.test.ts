import { mcpAuth, type McpAuth } from '@mcp-m2m/fastify';
import {
  adapterContract,
  createContractHandler,
  writeContractAnswer,
  type AdapterContractOptions,
  type ContractHandler,
  type StartContractServer,
} from '@mcp-m2m/testing/contract';
import type { FastifyInstance, RouteHandlerMethod } from 'fastify';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { describe, it } from 'vitest';
import { FASTIFY_VERSIONS, run, type CreateFastify } from './running-fastify.ts';

/** How an application is put together out of the adapter and the contract's handler. */
type Compose = (app: FastifyInstance, auth: McpAuth, handle: ContractHandler, path: string) => void;

function startWith(createFastify: CreateFastify, compose: Compose): StartContractServer {
  return (options) => {
    const app = createFastify({ bodyLimit: 4_194_304 });
    compose(app, mcpAuth(options), createContractHandler(), new URL(options.resource).pathname);
    return run(app);
  };
}

/** Answers as the MCP SDK's handlers do. */
const hijack =
  (handle: ContractHandler): RouteHandlerMethod =>
  async ({ method, auth, body, raw }, reply) => {
    const { auth: caller } = raw as { readonly auth?: object };
    if (caller !== auth) throw new Error('two callers');
    reply.hijack();
    await writeContractAnswer(reply.raw, await handle({ method, caller, parsedBody: body }));
  };

/** Answers as Fastify's own handlers do. */
const reply =
  (handle: ContractHandler): RouteHandlerMethod =>
  async ({ method, auth, body }, answer) => {
    const { status, headers, body: payload } = await handle({ method, caller: auth, parsedBody: body });
    const sent = typeof payload === 'string' ? payload : Readable.fromWeb(payload as NodeReadableStream);
    return answer.code(status).headers(headers).send(sent);
  };

/** The routes of the protected scope. */
type AddRoutes = (scope: FastifyInstance, handle: ContractHandler, path: string) => void;

const inScope =
  (addRoutes: AddRoutes): Compose =>
  (app, auth, handle, path) => {
    void app.register(auth.metadata());
    void app.register(async (scope) => {
      await scope.register(auth.protect());
      addRoutes(scope, handle, path);
    });
  };

const VARIANTS: readonly (readonly [string, Compose, AdapterContractOptions])[] = [
  [
    'with a schema for bodies and handlers that reply',
    inScope((scope, handle, path) => {
      const body = { type: ['object', 'array'], properties: { jsonrpc: { type: 'string' } } };
      const handler = reply(handle);
      scope.post(path, { schema: { body } }, handler);
      scope.route({ method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], url: path, handler });
    }),
    { bodies: 'parser-first' },
  ],
  [
    'without body parsers',
    inScope((scope, handle, path) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
      scope.all(path, hijack(handle));
    }),
    {},
  ],
  [
    'in scopes with prefixes, registered after the route',
    (app, auth, handle) => {
      void app.register(auth.metadata());
      void app.register(
        async (services) => {
          await services.register(
            async (scope) => {
              scope.all('/mcp', hijack(handle));
              await scope.register(auth.protect());
            },
            { prefix: '/inner' },
          );
        },
        { prefix: '/services' },
      );
    },
    { bodies: 'parser-first', path: '/services/inner/mcp' },
  ],
];

/** `npm test` runs some variants, `npm run test:services` every one. */
const EVERY = process.env.EVERY_VARIANT !== undefined;
describe.each(FASTIFY_VERSIONS.map((version, index) => [...version, index] as const))(
  '%s',
  (_, createFastify, index) => {
    // In the quick run, each version in a way of its own.
    describe.each(EVERY ? VARIANTS : VARIANTS.slice(index, index + 1))('%s', (_variant, compose, options) => {
      const cases = adapterContract(startWith(createFastify, compose), options);
      it.each(cases.map((one) => [one.name, one.run] as const))('%s', (_name, expectKept) => expectKept());
    });
  },
);
