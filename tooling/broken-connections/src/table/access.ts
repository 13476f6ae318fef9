import type { BrokenConnection } from '../connection.ts';
import { startScene } from '../scene.ts';
import { holding } from './tokens.ts';

/** What goes wrong with what a token is used for. */
export const access: readonly BrokenConnection[] = [
  {
    id: 'server-wants-dpop',
    title: 'The MCP server takes tokens bound to a key only',
    verdict: 'dpop_required',
    says: /--dpop/,
    start: () => startScene({ protection: () => ({ dpop: { required: true } }) }),
  },
  {
    id: 'server-cannot-verify',
    title: 'The MCP server cannot reach the keys of the authorization server',
    verdict: 'server_failing',
    says: /may not reach its authorization server/,
    start: () =>
      startScene({
        prepare: ({ authority }) => {
          authority.endpoints.jwks.goDown();
        },
      }),
  },
  {
    id: 'server-wants-a-person',
    title: 'The token is fine, and the server wants a person',
    verdict: 'person_required',
    says: /authorization code \(a person signs in\) or token exchange/,
    start: () =>
      startScene({
        client: () => ({ tool: { name: 'approve_production', arguments: { id: 1 } } }),
      }),
  },
  {
    id: 'server-wants-a-machine',
    title: 'The token speaks for a person, and the tool is for machines',
    verdict: 'machine_required',
    says: /Use the client_credentials grant/,
    start: () =>
      startScene({
        protection: () => ({ access: { tools: { list_deployments: { caller: 'machine' } } } }),
        client: ({ authority, url }) => ({
          ...holding(authority.mint({ aud: url, sub: 'somebody', client_id: 'app' })),
          tool: { name: 'list_deployments' },
        }),
      }),
  },
  {
    id: 'client-not-allowed',
    title: 'The tool is open to other clients only',
    verdict: 'operation_not_allowed',
    says: /Ask the owner of the MCP server/,
    start: () =>
      startScene({
        protection: () => ({ access: { tools: { list_deployments: { clients: ['another'] } } } }),
        client: () => ({ tool: { name: 'list_deployments' } }),
      }),
  },
  {
    id: 'scope-too-little',
    title: 'The token lacks the scope of a tool',
    verdict: 'scope_missing',
    says: /deploy:write/,
    start: () =>
      startScene({
        client: ({ authority, url }) => ({
          ...holding(authority.mint({ aud: url, scope: 'deploy:read' })),
          tool: { name: 'start_deployment', arguments: { service: 'web', environment: 'staging' } },
        }),
      }),
  },
  {
    id: 'tool-unknown',
    title: 'The tool does not exist',
    verdict: 'tool_unknown',
    says: /Choose one of those it lists/,
    start: () => startScene({ client: () => ({ tool: { name: 'list_deploymnets' } }) }),
  },
  {
    id: 'not-protected',
    title: 'The server answers everybody',
    verdict: 'not_protected',
    says: /put the verification of tokens before/,
    works: true,
    start: () =>
      startScene({
        before: () => (request, response, next) => {
          if (request.method === 'POST' && request.headers.authorization === undefined) {
            response.json({ jsonrpc: '2.0', id: 1, result: {} });
          } else {
            next();
          }
        },
      }),
  },
];
