// app/.well-known/oauth-protected-resource/mcp/route.ts
import { auth } from './mcp-auth.ts';

export async function GET(request: Request): Promise<Response> {
  return (await auth.metadata(request)) ?? new Response(null, { status: 404 });
}
