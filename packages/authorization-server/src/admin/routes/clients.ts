import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';

import { ADMIN_SCOPES } from '../../operations/bootstrap-client.ts';
import type { AdminDomain } from '../admin-domain.ts';
import type { AdminContext, AdminEnvironment } from '../admin-environment.ts';
import { answer, answerDone, answering, answeringNothing, answerMissing, body } from '../answers.ts';
import { defined } from '../defined.ts';
import { ProblemError } from '../problem.ts';
import { ifRevision } from '../revision.ts';
import {
  Client,
  ClientPage,
  ClientPath,
  CreateClient,
  CreatedClient,
  ListClients,
  UpdateClient,
} from '../schemas/clients.ts';
import { IdempotencyKey, IfMatch } from '../schemas/request-headers.ts';

const tags = ['Clients'];
const [, WRITE] = ADMIN_SCOPES;

/** Clients: the machines that may get tokens. */
export function addClientRoutes(app: OpenAPIHono<AdminEnvironment>, { clients }: AdminDomain): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/clients',
      operationId: 'listClients',
      summary: 'List clients, in the order of their ids',
      tags,
      request: { query: ListClients },
      responses: answering(ClientPage, 'A page of clients'),
    }),
    async (c) => answer(c, await clients.list(defined(c.req.valid('query')))),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/clients',
      operationId: 'createClient',
      summary: 'Register a client',
      tags,
      request: { headers: IdempotencyKey, body: body(CreateClient) },
      responses: answering(CreatedClient, 'The client, with its secret this once', 201),
    }),
    async (c) => {
      const created = await clients.create(c.req.valid('json') as never, c.get('administrator'));
      const { secret } = created;
      const location = `clients/${encodeURIComponent(created.clientId)}`;
      return answer(c, { ...created, ...(secret === undefined ? {} : { secret }) }, 201, location);
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/clients/{clientId}',
      operationId: 'getClient',
      summary: 'Read a client',
      tags,
      request: { params: ClientPath },
      responses: answering(Client, 'The client'),
    }),
    async (c) => {
      const client = await clients.get(c.req.valid('param').clientId);
      return client === undefined ? answerMissing(c, 'client') : answer(c, client);
    },
  );
  app.openapi(
    createRoute({
      method: 'patch',
      path: '/clients/{clientId}',
      operationId: 'updateClient',
      summary: 'Change a client',
      tags,
      request: { params: ClientPath, headers: IfMatch, body: body(UpdateClient) },
      responses: answering(Client, 'The client as it is now'),
    }),
    async (c) => {
      const { clientId } = c.req.valid('param');
      const { access } = c.req.valid('json');
      if (access?.some(administers(c)) === false) assertAnother(c, clientId);
      const changes = { ...c.req.valid('json'), ...ifRevision(c) } as never;
      return answer(c, await clients.update(clientId, changes, c.get('administrator')));
    },
  );
  for (const [action, summary] of [
    ['disable', 'Stop a client: it gets no tokens, and what it holds is revoked'],
    ['enable', 'Let a client get tokens again'],
  ] as const) {
    app.openapi(
      createRoute({
        method: 'post',
        path: `/clients/{clientId}/${action}`,
        operationId: `${action}Client`,
        summary,
        tags,
        request: { params: ClientPath, headers: IfMatch.extend(IdempotencyKey.shape) },
        responses: answering(Client, 'The client as it is now'),
      }),
      async (c) => {
        const { clientId } = c.req.valid('param');
        if (action === 'disable') assertAnother(c, clientId);
        return answer(c, await clients[action](clientId, ifRevision(c), c.get('administrator')));
      },
    );
  }
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/clients/{clientId}',
      operationId: 'deleteClient',
      summary: 'Delete a client with its secrets and keys; what it holds is revoked',
      tags,
      request: { params: ClientPath, headers: IfMatch },
      responses: answeringNothing,
    }),
    async (c) => {
      const { clientId } = c.req.valid('param');
      assertAnother(c, clientId);
      const deleted = await clients.delete(clientId, ifRevision(c), c.get('administrator'));
      return deleted ? answerDone(c) : answerMissing(c, 'client');
    },
  );
}

/** Whether an entry lets a client administer this server. */
function administers(c: AdminContext) {
  const administration = c.get('caller').resource.href;
  return ({ resource, scopes }: { readonly resource: string; readonly scopes: readonly string[] }): boolean =>
    resource === administration && scopes.includes(WRITE);
}

/**
 * Holds an administrator to changing the others: so there is always one left who can undo it.
 *
 * @throws ProblemError
 */
function assertAnother(c: AdminContext, clientId: string): void {
  if (clientId !== c.get('caller').clientId) return;
  throw new ProblemError(
    409,
    'own_client',
    'This is the client that you use yourself, and this would lock you out: have another administrator do it.',
  );
}
