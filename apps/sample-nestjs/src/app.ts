import type { RequestListener } from 'node:http';
import { McpAuthGuard, McpAuthModule, type McpAuthOptions } from '@mcp-m2m/nestjs';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { All, Controller, Module, Req, Res, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createDeployDesk, createDeployDeskServer, deployDeskAccess } from 'deploy-desk';
import type { Request, Response } from 'express';

/** Where the sample stands. */
export interface AppOptions extends Pick<McpAuthOptions, 'resource' | 'onDecision'> {
  readonly authorizationServer: string;
}

/** The protected deploy desk as a Nest application. */
export async function createApp({ authorizationServer, ...options }: AppOptions): Promise<RequestListener> {
  const desk = createDeployDesk();
  const serve = toNodeHandler(
    createMcpHandler(({ authInfo }) => createDeployDeskServer(desk, authInfo?.clientId ?? 'unknown')),
  );

  @Controller('mcp')
  @UseGuards(McpAuthGuard)
  class McpController {
    @All()
    handle(@Req() request: Request, @Res() response: Response): Promise<void> {
      return serve(request, response, request.body);
    }
  }

  const auth = McpAuthModule.forRoot({
    ...options,
    authorizationServers: [authorizationServer],
    access: deployDeskAccess,
    resourceName: 'Deploy desk',
  });
  @Module({ imports: [auth], controllers: [McpController] })
  class DeployDeskModule {}

  const app = await NestFactory.create(DeployDeskModule, { logger: ['error', 'warn'] });
  await app.init();
  return app.getHttpAdapter().getInstance() as RequestListener;
}
