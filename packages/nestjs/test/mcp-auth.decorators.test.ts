import {
  AnyScope,
  CurrentCaller,
  McpAuthGuard,
  McpAuthModule,
  Public,
  RequireMachine,
  RequireScopes,
  RequireUser,
  type Caller,
} from '@mcp-m2m/nestjs';
import type { TestAuthority } from '@mcp-m2m/testing';
import { Controller, Get, Post, UseGuards } from '@nestjs/common';
import { describe, expect, it, onTestFinished } from 'vitest';
import { call, createAuthority, METADATA_URL, RESOURCE } from './calling.ts';
import { PLATFORMS, startApp } from './running-app.ts';

@Controller()
@UseGuards(McpAuthGuard)
class RouteController {
  @Post('base')
  base(@CurrentCaller() caller: Caller): object {
    return { client: caller.clientId };
  }

  @Post('write')
  @RequireScopes('write', 'admin')
  write(): object {
    return {};
  }

  @Get('write')
  @RequireScopes('write')
  stream(): object {
    return {};
  }

  @Post('either')
  @AnyScope('write', 'admin')
  either(): object {
    return {};
  }

  @Post('people')
  @RequireUser()
  people(): object {
    return {};
  }

  @Get('people')
  @RequireUser()
  peopleStream(): object {
    return {};
  }

  @Post('machines')
  @RequireMachine()
  machines(): object {
    return {};
  }

  @Post('open')
  @Public()
  open(): object {
    return { open: true };
  }

  @Post('careless')
  @Public()
  careless(@CurrentCaller() caller: Caller): object {
    return caller;
  }
}

@Controller('strict')
@UseGuards(McpAuthGuard)
@RequireScopes('write')
@AnyScope('a', 'b')
class StrictController {
  @Post('both')
  @RequireScopes('admin')
  both(): object {
    return {};
  }
}

@Controller('inherited')
class InheritingController extends StrictController {
  @Post('other')
  other(): object {
    return {};
  }
}

@Controller('mostly-open')
@UseGuards(McpAuthGuard)
@Public()
class MostlyOpenController {
  @Post('open')
  open(): object {
    return {};
  }

  @Post('closed')
  @RequireScopes('write')
  closed(): object {
    return {};
  }
}

describe.each(PLATFORMS)('decorators on %s', (_, createAdapter) => {
  async function start(): Promise<{ readonly authority: TestAuthority; readonly origin: string }> {
    const authority = await createAuthority();
    const access = {
      scopes: ['read'],
      tools: { deploy: ['write', 'admin'] },
      scopeHierarchy: { root: ['write'] },
    };
    const running = await startApp(createAdapter, {
      imports: [
        McpAuthModule.forRoot({ resource: RESOURCE, authorizationServers: [authority.issuer], access }),
      ],
      controllers: [RouteController, StrictController, InheritingController, MostlyOpenController],
    });
    onTestFinished(() => running[Symbol.asyncDispose]());
    return { authority, origin: running.origin };
  }

  it('@CurrentCaller() is who calls', async () => {
    const { authority, origin } = await start();
    const token = authority.mint({ sub: 'nightly', client_id: 'nightly' });
    expect(await call(`${origin}/base`, token)).toMatchObject({ status: 201, json: { client: 'nightly' } });
  });

  it('@RequireScopes() refuses as the policy does, to the byte', async () => {
    const { authority, origin } = await start();
    const token = authority.mint();
    const message = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'deploy' } };
    const byPolicy = await call(`${origin}/base`, token, message);
    const byDecorator = await call(`${origin}/write`, token, message);
    expect(byDecorator.status).toBe(403);
    expect(byDecorator.headers.get('www-authenticate')).toBe(
      'Bearer error="insufficient_scope", ' +
        `error_description="This request needs the scopes 'read', 'write', 'admin'; the access token lacks 'write', 'admin'.", ` +
        `scope="read write admin", resource_metadata="${METADATA_URL}"`,
    );
    for (const name of ['www-authenticate', 'content-type', 'content-length', 'cache-control']) {
      expect(byDecorator.headers.get(name)).toBe(byPolicy.headers.get(name));
    }
    expect(byDecorator.text).toBe(byPolicy.text);
    expect(
      (await call(`${origin}/write`, authority.mint({ scope: 'read write admin' }), message)).status,
    ).toBe(201);
  });

  it('@RequireScopes() is in the challenge of a request without a token, and of a request without a body', async () => {
    const { authority, origin } = await start();
    const unknown = await call(`${origin}/write`);
    expect([unknown.status, unknown.headers.get('www-authenticate')]).toEqual([
      401,
      `Bearer scope="read write admin", resource_metadata="${METADATA_URL}"`,
    ]);
    const stream = await call(`${origin}/write`, authority.mint(), null);
    expect(stream.status).toBe(403);
    expect(stream.headers.get('www-authenticate')).toContain('scope="read write"');
    expect((await call(`${origin}/write`, authority.mint({ scope: 'read root' }), null)).status).toBe(200);
  });

  it('@AnyScope() takes one of them, and asks for the first', async () => {
    const { authority, origin } = await start();
    expect((await call(`${origin}/either`, authority.mint({ scope: 'read admin' }))).status).toBe(201);
    const refused = await call(`${origin}/either`, authority.mint());
    expect(refused.headers.get('www-authenticate')).toContain('scope="read write"');
  });

  it('@RequireUser() refuses a machine in words, before scopes are looked at', async () => {
    const { authority, origin } = await start();
    const refused = await call(`${origin}/people`, authority.mint({ scope: 'other' }));
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toBe(`Bearer resource_metadata="${METADATA_URL}"`);
    expect(refused.json).toMatchObject({
      id: 1,
      error: {
        code: 40300,
        message: expect.stringContaining('needs a person'),
        data: { reason: 'user_required' },
      },
    });
    expect((await call(`${origin}/people`, authority.mint({ sub: 'ada', client_id: 'app' }))).status).toBe(
      201,
    );
    const stream = await call(`${origin}/people`, authority.mint(), null);
    expect(stream.json).toMatchObject({
      error: { message: expect.stringMatching(/^This request needs a person/) },
    });
  });

  it('@RequireMachine() refuses a person', async () => {
    const { authority, origin } = await start();
    const refused = await call(`${origin}/machines`, authority.mint({ sub: 'ada', client_id: 'app' }));
    expect(refused.json).toMatchObject({ error: { data: { reason: 'machine_required' } } });
    expect((await call(`${origin}/machines`, authority.mint())).status).toBe(201);
  });

  it('of a controller and of its handler add up, those that are inherited too', async () => {
    const { authority, origin } = await start();
    const refused = await call(`${origin}/strict/both`, authority.mint({ scope: 'read b' }));
    expect(refused.headers.get('www-authenticate')).toContain('scope="read write admin"');
    expect(
      (await call(`${origin}/strict/both`, authority.mint({ scope: 'read b write admin' }))).status,
    ).toBe(201);
    expect((await call(`${origin}/inherited/both`, authority.mint({ scope: 'read a write' }))).status).toBe(
      403,
    );
    expect((await call(`${origin}/inherited/other`, authority.mint({ scope: 'read a' }))).status).toBe(403);
    expect((await call(`${origin}/inherited/other`, authority.mint({ scope: 'read a write' }))).status).toBe(
      201,
    );
  });

  it('@Public() lets everybody in, but not to a handler that asks for something itself', async () => {
    const { origin } = await start();
    expect((await call(`${origin}/open`)).json).toEqual({ open: true });
    expect((await call(`${origin}/mostly-open/open`)).status).toBe(201);
    expect((await call(`${origin}/mostly-open/closed`)).status).toBe(401);
  });

  it('@CurrentCaller() on a public route is a mistake that shows, whatever the request says', async () => {
    const { authority, origin } = await start();
    expect((await call(`${origin}/careless`, authority.mint())).status).toBe(500);
  });
});

describe('decorators', () => {
  it.each([
    [
      '@RequireScopes() without a scope',
      () => RequireScopes(),
      /^@RequireScopes\(...scopes\) needs at least one scope/,
    ],
    ['@AnyScope() without a scope', () => AnyScope(), /^@AnyScope\(...scopes\) needs at least one scope/],
    [
      '@RequireScopes() with several in one text',
      () => RequireScopes('a b'),
      /"a b", which is not one scope/,
    ],
  ])('refuse %s', (_, decorate, message) => {
    expect(decorate).toThrow(message);
  });
});
