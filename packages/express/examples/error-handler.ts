import { mcpAuth, McpAuthError } from '@mcp-m2m/express';
import { toNodeHandler } from '@modelcontextprotocol/node';
import express, { type ErrorRequestHandler } from 'express';
import { mcpHandler } from './mcp-handler.ts';

const auth = mcpAuth({
  resource: 'https://mcp.example.com/mcp',
  authorizationServers: ['https://auth.example.com'],
  onRefusal: 'next',
});

const answerErrors: ErrorRequestHandler = (error: unknown, request, response, next) => {
  if (!(error instanceof McpAuthError)) return next(error);
  console.warn(request.method, request.originalUrl, error.reason);
  response.writeHead(error.status, error.headers).end(error.body); // what protect() would have answered
};

const app = express();
app.use(auth.metadata());
app.all('/mcp', auth.protect(), toNodeHandler(mcpHandler));
app.use(answerErrors);
export const server = app.listen(Number(process.env.PORT ?? 3000));
