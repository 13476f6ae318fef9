import { McpAuthGuard, McpAuthModule } from '@mcp-m2m/nestjs';
import { Controller, Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { McpEndpoint } from './mcp-endpoint.ts'; // your MCP server, unchanged

@Controller('mcp')
@UseGuards(McpAuthGuard)
class McpController extends McpEndpoint {}

const auth = McpAuthModule.forRoot({
  resource: 'https://mcp.example.com/mcp',
  authorizationServers: ['https://auth.example.com'],
  access: { scopes: ['deploy:read'], tools: { start_deployment: ['deploy:write'] } },
});
@Module({ imports: [auth], controllers: [McpController] })
class AppModule {}
export const app = await NestFactory.create(AppModule);
await app.listen(Number(process.env.PORT ?? 3000));
