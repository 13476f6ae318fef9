import { CurrentCaller, McpAuthGuard, McpAuthModule, type Caller } from '@mcp-m2m/nestjs';
import { Controller, Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload } from '@nestjs/microservices';
import {
  McpController,
  McpHttpControllerFor,
  McpStrategy,
  StreamableHttpTransport,
  Tool,
} from '@rekog/mcp-nest';
import { z } from 'zod';

const transport = new StreamableHttpTransport();
const strategy = new McpStrategy({ name: 'deploy-desk', version: '1.0.0', transports: [transport] });

@McpController()
class DeployDesk {
  @Tool({ name: 'start_deployment', description: 'Starts.', parameters: z.object({ service: z.string() }) })
  start(@Payload() { service }: { service: string }, @CurrentCaller() caller: Caller) {
    return { content: [{ type: 'text', text: `${service}, started by ${caller.clientId}` }] };
  }
}

@Controller('mcp')
@UseGuards(McpAuthGuard) // at the HTTP route: what passes here is authenticated and allowed
class McpRoute extends McpHttpControllerFor(transport) {}

@Module({
  imports: [
    McpAuthModule.forRootAsync({
      useFactory: () => ({
        resource: 'https://mcp.example.com/mcp',
        authorizationServers: [process.env.ISSUER ?? 'https://auth.example.com'],
        access: { scopes: ['deploy:read'], tools: { start_deployment: ['deploy:write'] } },
      }),
    }),
  ],
  controllers: [DeployDesk, McpRoute],
})
class AppModule {}

export const app = await NestFactory.create(AppModule);
strategy.setHttpAdapter(app.getHttpAdapter());
app.connectMicroservice({ strategy });
await app.startAllMicroservices();
await app.listen(Number(process.env.PORT ?? 3000));
