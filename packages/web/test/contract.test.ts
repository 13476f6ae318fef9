import { mcpAuth, type McpAuth } from '@mcp-m2m/web';
import {
  adapterContract,
  createContractHandler,
  toContractResponse,
  type ContractHandler,
  type StartContractServer,
} from '@mcp-m2m/testing/contract';
import { Hono, type Context } from 'hono';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createContractFetch } from './contract-fetch.ts';
import { BRIDGES, listen, run } from './node-server.ts';
import { runScript, type RunningScript } from './runtimes/runtime.ts';
import { bundleWorker, type BundledWorker } from './runtimes/bundled-worker.ts';

function define(start: StartContractServer, isPromised = (_name: string): boolean => true): void {
  const cases = adapterContract(start).filter(({ name }) => isPromised(name));
  it.each(cases)('$name', ({ run: expectKept }) => expectKept());
}

/** `npm test` runs some variants, `npm run test:services` every one. */
const EVERY = process.env.EVERY_VARIANT !== undefined;

describe.each(EVERY ? BRIDGES : BRIDGES.slice(0, 1))('%s', (_, bridge) => {
  define((options) => run(bridge(createContractFetch(options))));
});

/** How an application is put together out of the adapter and the contract's handler. */
type Compose = (app: Hono, auth: McpAuth, handle: ContractHandler, path: string) => void;

const HONO: readonly (readonly [string, Compose])[] = [
  [
    'with a protected handler',
    (app, auth, handle, path) => {
      const serve = auth.protectHandler(async ({ method }, { authInfo: caller, parsedBody }) =>
        toContractResponse(await handle({ method, caller, parsedBody })),
      );
      app.all(path, ({ req }) => serve(req.raw));
    },
  ],
  [
    'with protect() as its middleware, and a handler that reads the body',
    (app, auth, handle, path) => {
      app.use(path, async (context, next) => {
        const result = await auth.protect(context.req.raw);
        if (result.ok) await next();
        context.res = result.ok ? result.finish(context.res) : result.response;
      });
      app.all(path, (context) => answer(context, auth, handle));
    },
  ],
];

async function answer({ req }: Context, auth: McpAuth, handle: ContractHandler): Promise<Response> {
  const text = await req.text();
  const parsedBody: unknown = text === '' ? undefined : JSON.parse(text);
  return toContractResponse(await handle({ method: req.method, caller: auth.callerOf(req.raw), parsedBody }));
}

describe.each(EVERY ? HONO : [])('Hono, %s', (_, compose) => {
  define((options) => {
    const auth = mcpAuth(options);
    const app = new Hono();
    app.use((context, next) => auth.metadata(context.req.raw) ?? next());
    compose(app, auth, createContractHandler(), new URL(options.resource).pathname);
    return listen(app.fetch);
  });
});

describe.each(EVERY ? (['Bun', 'Deno'] as const) : (['Bun'] as const))('%s', (runtime) => {
  let host: RunningScript;

  beforeAll(async () => {
    host = await runScript(runtime, 'host.ts');
  });

  afterAll(() => host[Symbol.asyncDispose]());

  define(async (options) => {
    const control = `http://127.0.0.1:${host.firstLine}`;
    const port = await (await fetch(control, { method: 'POST', body: JSON.stringify(options) })).text();
    const close = async (): Promise<void> => {
      await fetch(`${control}/${port}`, { method: 'DELETE' });
    };
    return { origin: `http://127.0.0.1:${port}`, close };
  });
});

describe.each(EVERY ? ['Cloudflare Workers'] : [])('%s', () => {
  let worker: BundledWorker;

  beforeAll(async () => {
    worker = await bundleWorker('worker.ts');
  });

  afterAll(() => worker[Symbol.asyncDispose]());

  define(
    (options) => worker.start({ OPTIONS: JSON.stringify(options) }),
    // This runtime does not tell a stream that its reader left; it ends all that the request had under way.
    (name) => name !== 'a client that leaves its stream ends it',
  );
});
