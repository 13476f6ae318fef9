import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';

import type { AdminDomain } from '../admin-domain.ts';
import type { AdminEnvironment } from '../admin-environment.ts';
import { answer, answering, body, PROBLEMS } from '../answers.ts';
import { defined } from '../defined.ts';
import { streamLines } from '../stream-lines.ts';
import { IdempotencyKey } from '../schemas/request-headers.ts';
import {
  AuditPage,
  ExportAudit,
  ListAudit,
  ListUsage,
  RetiredSigningKey,
  RevokedToken,
  RevokeToken,
  RotateSigningKey,
  ServerDescription,
  SigningKey,
  SigningKeyPath,
  StatusListFetch,
  UsagePage,
} from '../schemas/server.ts';

/** What is known of the server itself. */
export interface ServerFacts {
  readonly issuer: string;
  readonly tokenEndpoint: string;
}

/**
 * The server itself: its keys, tokens, audit trail and usage.
 *
 * @param onFailure - told of what failed when the answer had begun
 */
export function addServerRoutes(
  app: OpenAPIHono<AdminEnvironment>,
  domain: AdminDomain,
  facts: ServerFacts,
  onFailure: (error: unknown) => void,
): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/server',
      operationId: 'getServer',
      summary: 'Who is this server, and who am I to it',
      tags: ['Server'],
      responses: answering(ServerDescription, 'The server'),
    }),
    async (c) => {
      const { clientId, subject, scopes } = c.get('caller');
      return answer(c, { ...facts, caller: { clientId, subject, scopes } });
    },
  );
  addSigningKeyRoutes(app, domain);
  addTokenRoutes(app, domain);
  addAuditRoutes(app, domain, onFailure);
}

function addSigningKeyRoutes(app: OpenAPIHono<AdminEnvironment>, { signingKeys }: AdminDomain): void {
  const tags = ['Signing keys'];
  app.openapi(
    createRoute({
      method: 'get',
      path: '/signing-keys',
      operationId: 'listSigningKeys',
      summary: 'List the published signing keys: next, current and previous',
      tags,
      responses: answering(z.object({ keys: z.array(SigningKey) }).openapi('SigningKeyList'), 'The keys'),
    }),
    async (c) => answer(c, { keys: await signingKeys.list() }),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/signing-keys/rotate',
      operationId: 'rotateSigningKey',
      summary: 'Have the next key sign as soon as every copy of the key set has it',
      tags,
      request: { headers: IdempotencyKey, body: body(RotateSigningKey) },
      responses: answering(SigningKey, 'The key that is to sign'),
    }),
    async (c) => answer(c, await signingKeys.rotate(defined(c.req.valid('json')), c.get('administrator'))),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/signing-keys/{keyId}/retire',
      operationId: 'retireSigningKey',
      summary: 'Take a key out of use that must not be trusted any more',
      tags,
      request: { params: SigningKeyPath, headers: IdempotencyKey },
      responses: answering(RetiredSigningKey, 'What it means'),
    }),
    async (c) => answer(c, await signingKeys.retire(c.req.valid('param').keyId, c.get('administrator'))),
  );
}

function addTokenRoutes(app: OpenAPIHono<AdminEnvironment>, { tokens }: AdminDomain): void {
  const tags = ['Tokens'];
  app.openapi(
    createRoute({
      method: 'post',
      path: '/tokens/revoke',
      operationId: 'revokeToken',
      summary: 'Revoke one token before it expires',
      tags,
      request: { headers: IdempotencyKey, body: body(RevokeToken) },
      responses: answering(RevokedToken, 'The token'),
    }),
    async (c) => answer(c, await tokens.revoke(c.req.valid('json') as never, c.get('administrator'))),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/tokens/status-list-fetches',
      operationId: 'listStatusListFetches',
      summary: 'See which resource servers have fetched the newest revocations',
      tags,
      responses: answering(
        z.object({ fetches: z.array(StatusListFetch) }).openapi('StatusListFetchList'),
        'The latest fetch of each',
      ),
    }),
    async (c) => answer(c, { fetches: await tokens.statusListFetches() }),
  );
}

function addAuditRoutes(
  app: OpenAPIHono<AdminEnvironment>,
  { audit, usage }: AdminDomain,
  onFailure: (error: unknown) => void,
): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/audit',
      operationId: 'listAudit',
      summary: 'Read the audit trail',
      tags: ['Audit'],
      request: { query: ListAudit },
      responses: answering(AuditPage, 'A page of entries'),
    }),
    async (c) => answer(c, await audit.list(defined(c.req.valid('query')) as never)),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/audit/export',
      operationId: 'exportAudit',
      summary: 'Export the audit trail, oldest first',
      tags: ['Audit'],
      request: { query: ExportAudit },
      responses: {
        200: {
          description: 'One entry a line',
          content: { 'application/x-ndjson': { schema: z.string() } },
        },
        ...PROBLEMS,
      },
    }),
    async (c) => {
      const lines = audit.export(defined(c.req.valid('query')) as never);
      c.header('Content-Type', 'application/x-ndjson');
      c.header('Content-Disposition', 'attachment; filename="audit.jsonl"');
      return (await streamLines(c, lines, onFailure)) as never;
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/usage',
      operationId: 'listUsage',
      summary: 'Tokens issued and refused per client, resource and hour',
      tags: ['Usage'],
      request: { query: ListUsage },
      responses: answering(UsagePage, 'A page of hours, the newest first'),
    }),
    async (c) => answer(c, await usage.list(defined(c.req.valid('query')))),
  );
}
