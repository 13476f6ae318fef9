import { McpAuthGuard, McpAuthModule } from '@mcp-m2m/nestjs';
import { Controller, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { McpEndpoint } from './mcp-endpoint.ts';

@Controller('calendar')
class CalendarController extends McpEndpoint {}

// The controllers of a module that imports forFeature() belong to its resource.
@Module({
  imports: [
    McpAuthModule.forFeature({
      resource: 'https://mcp.example.com/calendar',
      authorizationServers: ['https://auth.example.com'],
    }),
  ],
  controllers: [CalendarController],
})
class CalendarModule {}

@Controller('mcp')
class McpController extends McpEndpoint {}

@Module({
  imports: [
    // useClass and useExisting take a class with createMcpAuthOptions().
    McpAuthModule.forRootAsync({
      useFactory: () => ({
        resource: 'https://mcp.example.com/mcp',
        authorizationServers: [process.env.ISSUER ?? 'https://auth.example.com'],
      }),
    }),
    CalendarModule,
  ],
  controllers: [McpController],
  // Every route of the application that is not @Public(), each by its own resource.
  providers: [{ provide: APP_GUARD, useExisting: McpAuthGuard }],
})
export class AppModule {}
