import { mcpAuth } from '@mcp-m2m/express';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import express from 'express';
import { z } from 'zod';

const port = Number(process.env.PORT ?? 3000);
// The URL that clients connect to. Behind a proxy it is the public one.
const resource = process.env.RESOURCE ?? `http://localhost:${port}/mcp`;
// The authorization server whose access tokens are accepted.
const authorizationServer = process.env.AUTHORIZATION_SERVER ?? 'http://localhost:4000';

const auth = mcpAuth({
  resource,
  authorizationServers: [authorizationServer],
  access: {
    scopes: ['greetings:read'], // every request
    tools: {
      remember: ['greetings:write'],
      forget: { scopes: ['greetings:write'], caller: 'user' }, // people only
    },
  },
  onDecision: ({ outcome, reason }) => console.error(outcome, reason ?? ''),
});

const names: string[] = ['world'];

const handler = createMcpHandler(({ authInfo }) => {
  const server = new McpServer({ name: 'greetings', version: '1.0.0' });
  server.registerTool('greet', { description: 'Greets everybody it knows.' }, () =>
    text(names.map((name) => `Hello, ${name}!`).join('\n')),
  );
  server.registerTool(
    'remember',
    { description: 'Remembers a name.', inputSchema: z.object({ name: z.string().min(1).max(100) }) },
    ({ name }) => {
      names.push(name);
      return text(`${authInfo?.clientId} has introduced ${name}.`);
    },
  );
  server.registerTool('forget', { description: 'Forgets everybody. For people only.' }, () => {
    names.length = 0;
    return text('Forgotten.');
  });
  return server;
});

function text(content: string) {
  return { content: [{ type: 'text' as const, text: content }] };
}

const app = express();
app.use(auth.metadata());
app.all(new URL(resource).pathname, auth.protect(), toNodeHandler(handler));
app.listen(port, (error) => {
  if (error !== undefined) throw error;
  console.log(`MCP server at ${resource}, for tokens of ${authorizationServer}`);
});
