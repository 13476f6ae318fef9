import type { Caller } from '@mcp-m2m/koa';
import { createDpopProof, createTestAuthority, generateDpopKey, type TestAuthority } from '@mcp-m2m/testing';
import Koa, { type Middleware } from 'koa';
import bodyParser from 'koa-bodyparser';
import mount from 'koa-mount';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RESOURCE, send, startApp, toolCall } from './protected-app.ts';

let authority: TestAuthority;

beforeAll(async () => {
  authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
});

afterAll(() => authority.close());

const options = () => ({ authorizationServers: [authority.issuer], now: authority.now });

const serve: Middleware = (context) => {
  context.body = { clientId: context.state.auth?.clientId };
};

describe('protect()', () => {
  it('attaches the caller where middleware looks, and where the MCP SDK does', async () => {
    const seen: unknown[] = [];
    await using app = await startApp(options(), (koa, auth) =>
      koa.use(auth.protect()).use((context) => {
        const caller: Caller | undefined = context.state.auth;
        const { auth: raw } = context.req as { auth?: Caller };
        seen.push(
          caller?.clientId,
          caller === context.auth,
          caller === raw,
          caller === auth.callerOf(context),
        );
        context.body = '';
      }),
    );
    await send(app, authority.mint());
    expect(seen).toEqual(['test-client', true, true, true]);
  });

  it('lets nothing pass for a caller that an earlier middleware left', async () => {
    const forged = { clientId: 'forged' };
    const seen: unknown[] = [];
    await using app = await startApp(options(), (koa, auth) =>
      koa
        .use(async (context, next) => {
          const holders = [context.state, context, context.req] as { auth?: unknown }[];
          for (const holder of holders) holder.auth = forged;
          await next();
          seen.push(...holders.map(({ auth: left }) => left));
        })
        .use(auth.protect())
        .use(serve),
    );
    expect((await send(app, undefined)).status).toBe(401);
    expect(seen).toEqual([undefined, undefined, undefined]);
    expect(await (await send(app, authority.mint())).json()).toEqual({ clientId: 'test-client' });
  });

  it('puts an unparsed body back into the stream, and its value where body parsers put it', async () => {
    await using app = await startApp(options(), (koa, auth) =>
      koa.use(auth.protect()).use(async (context) => {
        context.body = {
          body: (context.request as { body?: unknown }).body,
          stream: await text(context.req),
        };
      }),
    );
    const body = toolCall('whoami');
    const response = await send(app, authority.mint(), body);
    expect(await response.json()).toEqual({ body, stream: JSON.stringify(body) });
  });

  it('believes no parsed body that did not come from the stream', async () => {
    await using app = await startApp(options(), (koa, auth) =>
      koa
        .use((context, next) => {
          (context.request as { body?: unknown }).body = { result: null };
          return next();
        })
        .use(auth.protect())
        .use(serve),
    );
    expect((await send(app, authority.mint(), toolCall('start_deployment'))).status).toBe(403);
    expect((await send(app, authority.mint())).status).toBe(200);
  });

  it.each([
    ['before', (protect: Middleware, parse: Middleware) => [protect, parse]],
    ['behind', (protect: Middleware, parse: Middleware) => [parse, protect]],
  ] as const)(
    'judges the value that a handler finds, and takes no form, %s koa-bodyparser',
    async (_, order) => {
      await using app = await startApp(options(), (koa, auth) => {
        for (const middleware of order(auth.protect(), bodyParser())) koa.use(middleware);
        koa.use((context) => {
          context.body = context.request.body;
        });
      });
      const form = {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'method=tools%2Fcall&params[name]=start_deployment',
      };
      expect((await send(app, authority.mint(), undefined, form)).status).toBe(415);
      expect((await send(app, authority.mint(), toolCall('start_deployment'))).status).toBe(403);
      expect(await (await send(app, authority.mint(), toolCall('whoami'))).json()).toEqual(
        toolCall('whoami'),
      );
    },
  );

  it('gives a refusal its bytes, whatever the middleware around it makes of bodies', async () => {
    const told: unknown[] = [];
    await using plain = await startApp(options(), (koa, auth) => koa.use(auth.protect()));
    await using wrapped = await startApp(options(), (koa, auth) =>
      koa
        .use(async (context, next) => {
          await next();
          told.push(context.respond);
          context.body = { data: context.body, wrapped: true };
          context.type = 'text/html';
          context.status = 200;
          context.set('WWW-Authenticate', 'Basic');
        })
        .use(auth.protect()),
    );
    for (const [token, body] of [
      [undefined, undefined],
      ['nonsense', undefined],
      [authority.mint(), toolCall('start_deployment')],
      [authority.mint(), toolCall('approve_production')],
    ] as const) {
      const answers = [await send(plain, token, body), await send(wrapped, token, body)];
      const [own, other] = await Promise.all(
        answers.map(async (answer) => {
          const headers = [...answer.headers].filter(([name]) => name !== 'date');
          return { status: answer.status, headers, bytes: await answer.text() };
        }),
      );
      expect(own?.status).toBeGreaterThanOrEqual(401);
      expect(other).toEqual(own);
    }
    expect(wrapped.errors).toEqual([]);
    expect(told).toEqual([false, false, false, false]);
  });

  it('leaves to a CORS middleware of the application who reads refusals', async () => {
    await using app = await startApp(options(), (koa, auth) =>
      koa
        .use((context, next) => {
          context.set('Access-Control-Allow-Origin', 'https://page.example');
          return next();
        })
        .use(auth.protect()),
    );
    const response = await send(app, undefined, undefined, { headers: { origin: 'https://page.example' } });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([
      401,
      'https://page.example',
    ]);
    expect(response.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
  });

  it('compares a proof with the path as it was sent, where it is mounted', async () => {
    const resource = 'https://mcp.example.com/services/mcp';
    await using app = await startApp({ ...options(), resource }, (koa, auth) =>
      koa.use(mount('/services/mcp', auth.protect())).use(serve),
    );
    const key = await generateDpopKey();
    const accessToken = authority.mint({ aud: resource, cnf: { jkt: key.thumbprint } });
    const call = (url: string): Promise<Response> => {
      const dpop = createDpopProof({ key, method: 'POST', url, accessToken, now: authority.now });
      const headers = { authorization: `DPoP ${accessToken}`, dpop };
      return send(app, undefined, undefined, { path: '/services/mcp', headers });
    };
    expect((await call(resource)).status).toBe(200);
    expect((await call('https://mcp.example.com/')).status).toBe(401);
  });

  it('sends the nonce for the next proof along with what the application answers', async () => {
    let time = Date.now();
    const now = (): number => time;
    const dpop = { nonce: { lifetimeSeconds: 60 } };
    await using app = await startApp({ ...options(), now, dpop }, (koa, auth) =>
      koa.use(auth.protect()).use(serve),
    );
    const key = await generateDpopKey();
    const accessToken = authority.mint({ cnf: { jkt: key.thumbprint } });
    const call = (nonce?: string): Promise<Response> => {
      const proof = { key, method: 'POST', url: RESOURCE, accessToken, now };
      const header = createDpopProof(nonce === undefined ? proof : { ...proof, nonce });
      const headers = { authorization: `DPoP ${accessToken}`, dpop: header };
      return send(app, undefined, undefined, { headers });
    };
    const demanded = await call();
    expect(demanded.status).toBe(401);
    const nonce = demanded.headers.get('dpop-nonce') ?? '';
    time += 60_000;
    const served = await call(nonce);
    expect(await served.json()).toEqual({ clientId: 'test-client' });
    expect(served.headers.get('dpop-nonce')).toMatch(/^[\w-]{10,}/);
    expect(served.headers.get('dpop-nonce')).not.toBe(nonce);
  });

  it('leaves errors of later middleware to Koa, which answers them', async () => {
    const broken = new Error('broken');
    await using app = await startApp(options(), (koa, auth) =>
      koa.use(auth.protect()).use(() => {
        throw broken;
      }),
    );
    expect((await send(app, authority.mint())).status).toBe(500);
    expect(app.errors).toEqual([broken]);
  });

  it('says nothing to the handler of a client that left while its token was verified', async () => {
    await using slow = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
    const reached: unknown[] = [];
    await using app = await startApp({ authorizationServers: [slow.issuer] }, (koa, auth) =>
      koa.use(auth.protect()).use((context) => void reached.push(context.state.auth)),
    );
    const release = slow.endpoints.jwks.hold();
    const controller = new AbortController();
    const left = send(app, slow.mint(), toolCall('whoami'), { signal: controller.signal });
    await expect.poll(() => slow.endpoints.jwks.requests.length, { timeout: 3000 }).toBe(1);
    controller.abort();
    await expect(left).rejects.toThrow(/abort/);
    // The server has seen the end of the first connection once it answers on a second one.
    expect((await send(app, undefined)).status).toBe(401);
    release();
    await expect.poll(() => app.decisions.length, { timeout: 3000 }).toBe(2);
    expect([reached, app.errors]).toEqual([[], []]);
  });
});

describe('a typed application', () => {
  it('takes both middleware, and knows its own state beside the caller', async () => {
    interface State {
      requestId: string;
    }
    await using app = await startApp(options(), (koa, auth) => {
      const typed = new Koa<State & Pick<Koa.DefaultState, 'auth'>>();
      typed.use(auth.metadata()).use(auth.protect());
      typed.use((context) => {
        const scopes: readonly string[] | undefined = context.state.auth?.scopes;
        context.body = { scopes };
      });
      koa.use(mount(typed as unknown as Koa));
    });
    expect(await (await send(app, authority.mint())).json()).toEqual({ scopes: ['deploy:read'] });
  });
});

describe('callerOf()', () => {
  it('says what is missing where the request was not protected', async () => {
    await using app = await startApp(options(), () => undefined);
    expect(() => app.auth.callerOf({ state: {} })).toThrow(
      /^callerOf\(ctx\): .*use it before this middleware/,
    );
  });
});

describe('preload()', () => {
  it('tells whether the keys are there', async () => {
    await using app = await startApp(options(), () => undefined);
    expect(await app.auth.preload()).toBe(true);
  });
});
