import { isDeepStrictEqual } from 'node:util';
import { bodyParser as koaBodyparser } from '@koa/bodyparser';
import { mcpAuth, type McpAuth } from '@mcp-m2m/koa';
import {
  adapterContract,
  createContractHandler,
  writeContractAnswer,
  type AdapterContractOptions,
  type StartContractServer,
} from '@mcp-m2m/testing/contract';
import type Koa from 'koa';
import type { Context, Middleware } from 'koa';
import bodyParser from 'koa-bodyparser';
import mount from 'koa-mount';
import { describe, it } from 'vitest';
import { KOA_VERSIONS, run } from './running-koa.ts';

/** How an application is put together out of the adapter and the contract's handler. */
type Compose = (app: Koa, auth: McpAuth, handler: Middleware, path: string) => void;

function startWith(KoaVersion: typeof Koa, compose: Compose): StartContractServer {
  return (options) => {
    const auth = mcpAuth(options);
    const handle = createContractHandler();
    const handler: Middleware = async (context) => {
      const { method, req, res, state } = context;
      if ((req as { readonly auth?: unknown }).auth !== state.auth) throw new Error('two callers');
      context.respond = false;
      const parsedBody = bodyOf(context);
      await writeContractAnswer(res, await handle({ method, caller: state.auth, parsedBody }));
    };
    return run(() => {
      const app = new KoaVersion();
      app.silent = true;
      compose(app, auth, handler, new URL(options.resource).pathname);
      return app.callback();
    });
  };
}

/** The body, but for the empty object that parsers behind `protect()` make of no body at all. */
function bodyOf({ request }: Context): unknown {
  const { body } = request as { readonly body?: unknown };
  return isDeepStrictEqual(body, {}) ? undefined : body;
}

/** What a router does, to the byte of the path. */
const at =
  (path: string, ...middleware: readonly Middleware[]): Middleware =>
  (context, next) =>
    context.path === path ? dispatch(context, middleware) : next();

async function dispatch(context: Context, [first, ...rest]: readonly Middleware[]): Promise<void> {
  await first?.(context, () => dispatch(context, rest));
}

/** By default the parsers answer 500 to what does not decompress. */
const refuseBody = (error: Error & { readonly status?: number }, context: Context): never =>
  context.throw(error.status ?? 400);

const parsers = {
  'koa-bodyparser': () => bodyParser({ jsonLimit: '4mb', onerror: refuseBody }),
  '@koa/bodyparser': () => koaBodyparser({ jsonLimit: '4mb', onError: refuseBody }),
};

const VARIANTS: readonly (readonly [string, Compose, AdapterContractOptions])[] = [
  [
    'without a body parser',
    (app, auth, handler, path) => app.use(auth.metadata()).use(at(path, auth.protect(), handler)),
    {},
  ],
  [
    'behind koa-bodyparser',
    (app, auth, handler, path) =>
      app
        .use(parsers['koa-bodyparser']())
        .use(auth.metadata())
        .use(at(path, auth.protect(), handler)),
    { bodies: 'parser-first' },
  ],
  [
    'mounted with koa-mount, twice, behind @koa/bodyparser',
    (app, auth, handler) => {
      const protect = at('/', auth.protect(), handler);
      app.use(parsers['@koa/bodyparser']()).use(auth.metadata());
      app.use(mount('/services', mount('/mcp', protect)));
    },
    { bodies: 'parser-first', path: '/services/mcp' },
  ],
  [
    'mounted with koa-mount, before koa-bodyparser',
    (app, auth, handler) => {
      const protect = at('/', auth.protect(), parsers['koa-bodyparser'](), handler);
      app.use(auth.metadata()).use(mount('/mcp', protect));
    },
    {},
  ],
];

/** `npm test` runs some variants, `npm run test:services` every one. */
const EVERY = process.env.EVERY_VARIANT !== undefined;
describe.each(KOA_VERSIONS.map((version, index) => [...version, index] as const))(
  '%s',
  (_, KoaVersion, index) => {
    // In the quick run, each version in a way of its own.
    describe.each(EVERY ? VARIANTS : VARIANTS.slice(index, index + 1))('%s', (_variant, compose, options) => {
      const cases = adapterContract(startWith(KoaVersion, compose), options);
      it.each(cases.map((one) => [one.name, one.run] as const))('%s', (_name, expectKept) => expectKept());
    });
  },
);
