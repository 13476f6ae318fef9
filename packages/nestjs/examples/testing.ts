import { MCP_AUTH_OPTIONS, McpAuthGuard, type McpAuthOptions } from '@mcp-m2m/nestjs';
import { createTestAuthority } from '@mcp-m2m/testing';
import type { Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';

/** The application as it is, with real tokens of an authority in the test's own process. */
export async function createTestedApp(
  appModule: Type,
  options: Omit<McpAuthOptions, 'authorizationServers'>,
) {
  const authority = await createTestAuthority({ audience: String(options.resource) });
  const module = await Test.createTestingModule({ imports: [appModule] })
    .overrideProvider(MCP_AUTH_OPTIONS)
    .useValue({ ...options, authorizationServers: [authority.issuer] })
    .compile();
  return { app: module.createNestApplication(), authority }; // authority.mint({ scope: 'deploy:read' })
}

/** The application without any protection, for tests of something else. */
export async function createOpenApp(appModule: Type) {
  const module = await Test.createTestingModule({ imports: [appModule] })
    .overrideGuard(McpAuthGuard)
    .useValue({ canActivate: () => true })
    .compile();
  return module.createNestApplication();
}
