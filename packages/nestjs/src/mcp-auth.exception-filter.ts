import { writeAnswer } from '@mcp-m2m/core/node';
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { nodeResponseOf, type HttpResponse } from './http-exchange.ts';
import { McpAuthException } from './mcp-auth.exception.ts';

/** Writes the answer of a {@link McpAuthException} byte for byte. `McpAuthModule` registers it for the application. */
@Catch(McpAuthException)
export class McpAuthExceptionFilter implements ExceptionFilter<McpAuthException> {
  catch({ answer }: McpAuthException, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<HttpResponse>();
    const node = nodeResponseOf(response);
    // What hooks of Fastify have set so far, such as whom CORS lets in, is not on Node.js' response yet.
    for (const [name, value] of Object.entries(response.getHeaders?.() ?? {})) {
      if (value !== undefined) node.setHeader(name, value);
    }
    response.hijack?.();
    writeAnswer(node, answer);
  }
}
