// app/mcp/route.ts
import { mcpHandler } from '../mcp-handler.ts';
import { auth } from './mcp-auth.ts';

const serve = auth.protectHandler(mcpHandler.fetch);

export { serve as GET, serve as POST, serve as DELETE, serve as OPTIONS };
