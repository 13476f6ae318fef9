import {
  AnyScope,
  CurrentCaller,
  McpAuthGuard,
  Public,
  RequireMachine,
  RequireScopes,
  RequireUser,
  type Caller,
} from '@mcp-m2m/nestjs';
import { Controller, Get, Post, UseGuards } from '@nestjs/common';

@Controller('deployments')
@UseGuards(McpAuthGuard)
@RequireScopes('deploy:read') // every handler of this controller, and more where it says so
export class DeploymentsController {
  @Post()
  @RequireScopes('deploy:write', 'deploy:production') // all of them
  start(@CurrentCaller() caller: Caller) {
    return { startedBy: caller.clientId, kind: caller.kind };
  }

  @Post('cancel')
  @AnyScope('deploy:write', 'admin') // one of them; a challenge names the first
  cancel() {
    return { cancelled: true };
  }

  @Post('approve')
  @RequireUser() // never a machine for itself
  approve() {
    return { approved: true };
  }

  @Post('report')
  @RequireMachine()
  report() {
    return { reported: true };
  }

  @Get('health')
  @Public() // whatever the controller asks for
  health() {
    return { ok: true };
  }
}
