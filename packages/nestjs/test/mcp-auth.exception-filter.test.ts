import { McpAuthException, McpAuthGuard, McpAuthModule } from '@mcp-m2m/nestjs';
import {
  Catch,
  Controller,
  HttpException,
  Post,
  UseGuards,
  type ArgumentsHost,
  type ExceptionFilter,
  type INestApplication,
  type Provider,
} from '@nestjs/common';
import { APP_FILTER, BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { call, createAuthority, METADATA_URL, RESOURCE, type Answer } from './calling.ts';
import { PLATFORMS, startApp } from './running-app.ts';

@Controller('mcp')
@UseGuards(McpAuthGuard)
class McpController {
  @Post()
  handle(): object {
    return {};
  }
}

/** What many applications have: every error in one form of their own. */
@Catch()
class EveryErrorFilter implements ExceptionFilter {
  static readonly seen: unknown[] = [];
  readonly #adapter: () => HttpAdapterHost['httpAdapter'];

  constructor(adapter: () => HttpAdapterHost['httpAdapter']) {
    this.#adapter = adapter;
  }

  catch(exception: unknown, host: ArgumentsHost): void {
    EveryErrorFilter.seen.push(exception);
    const status = exception instanceof HttpException ? exception.getStatus() : 500;
    const { message } = exception as Error;
    this.#adapter().reply(host.switchToHttp().getResponse(), { application: 'own', message }, status);
  }
}

describe.each(PLATFORMS)('refusals on %s', (_, createAdapter) => {
  async function refuse(
    configure: (app: INestApplication) => unknown = () => undefined,
    providers: readonly Provider[] = [],
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly refused: Answer; readonly insufficient: Answer }> {
    const authority = await createAuthority();
    const access = { scopes: ['write'] };
    const running = await startApp(
      createAdapter,
      {
        imports: [
          McpAuthModule.forRoot({ resource: RESOURCE, authorizationServers: [authority.issuer], access }),
        ],
        controllers: [McpController],
        providers: [...providers],
      },
      configure,
    );
    onTestFinished(() => running[Symbol.asyncDispose]());
    const url = `${running.origin}/mcp`;
    return {
      refused: await call(url, undefined, undefined, headers),
      insufficient: await call(url, authority.mint(), undefined, headers),
    };
  }

  const expectOurs = ({ refused, insufficient }: Awaited<ReturnType<typeof refuse>>): void => {
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe(
      `Bearer scope="write", resource_metadata="${METADATA_URL}"`,
    );
    expect(refused.headers.get('content-type')).toBe('application/json');
    expect(refused.json).toEqual({ error_description: expect.any(String) });
    expect(insufficient.status).toBe(403);
    expect(insufficient.json).toMatchObject({ id: 1, error: { code: 40300 } });
  };

  it('are core’s, to the byte', async () => {
    expectOurs(await refuse());
  });

  it('are core’s beside a filter for every error that a module provides', async () => {
    const provider = {
      provide: APP_FILTER,
      inject: [HttpAdapterHost],
      useFactory: (host: HttpAdapterHost) => new EveryErrorFilter(() => host.httpAdapter),
    };
    expectOurs(await refuse(undefined, [provider]));
  });

  it('keep status, challenge and sentence where a global filter writes a body of its own', async () => {
    EveryErrorFilter.seen.length = 0;
    const { refused, insufficient } = await refuse((app) =>
      app.useGlobalFilters(
        new EveryErrorFilter(() => app.getHttpAdapter() as HttpAdapterHost['httpAdapter']),
      ),
    );
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe(
      `Bearer scope="write", resource_metadata="${METADATA_URL}"`,
    );
    expect(refused.headers.get('cache-control')).toBe('no-store');
    expect(insufficient.status).toBe(403);
    expect(insufficient.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    const message = expect.stringContaining('the access token lacks "write"') as string;
    expect(insufficient.json).toEqual({ application: 'own', message });
    const [first, second] = EveryErrorFilter.seen;
    expect([first, second]).toEqual([expect.any(McpAuthException), expect.any(McpAuthException)]);
    expect((second as McpAuthException).reason).toBe('scope_insufficient');
    expect((second as McpAuthException).getResponse()).toMatchObject({ id: 1 });
  });

  it('keep the challenge where a global filter extends NestJS’ own', async () => {
    @Catch()
    class ExtendingFilter extends BaseExceptionFilter {}
    const { insufficient } = await refuse((app) =>
      app.useGlobalFilters(new ExtendingFilter(app.getHttpAdapter())),
    );
    expect(insufficient.status).toBe(403);
    expect(insufficient.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    expect(insufficient.json).toMatchObject({
      id: 1,
      error: { code: 40300, data: { reason: 'scope_insufficient' } },
    });
  });

  it('leave it to the application who may read them, where it has said so', async () => {
    const origin = { origin: 'https://app.example.com' };
    const opened = await refuse((app) => app.enableCors({ origin: 'https://app.example.com' }), [], origin);
    expect(opened.refused.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    const unsaid = await refuse(undefined, [], origin);
    expect(unsaid.refused.headers.get('access-control-allow-origin')).toBe('*');
  });
});
