import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';

import type { Resource as DomainResource } from '../../resources/resource.ts';
import type { AdminDomain } from '../admin-domain.ts';
import type { AdminEnvironment } from '../admin-environment.ts';
import { answer, answerDone, answering, answeringNothing, answerMissing, body } from '../answers.ts';
import { defined } from '../defined.ts';
import { ifRevision } from '../revision.ts';
import { IdempotencyKey, IfMatch } from '../schemas/request-headers.ts';
import {
  CreateResource,
  DeleteResource,
  ListResources,
  Resource,
  ResourcePage,
  ResourcePath,
  UpdateResource,
} from '../schemas/resources.ts';

const tags = ['Resources'];

/** The MCP servers that tokens can be issued for. */
export function addResourceRoutes(app: OpenAPIHono<AdminEnvironment>, { resources }: AdminDomain): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/resources',
      operationId: 'listResources',
      summary: 'List the MCP servers, configured and registered',
      tags,
      request: { query: ListResources },
      responses: answering(ResourcePage, 'A page of resources'),
    }),
    async (c) => {
      const page = await resources.list(defined(c.req.valid('query')));
      return answer(c, { ...page, resources: page.resources.map(withId) });
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/resources',
      operationId: 'createResource',
      summary: 'Register an MCP server',
      tags,
      request: { headers: IdempotencyKey, body: body(CreateResource) },
      responses: answering(Resource, 'The resource', 201),
    }),
    async (c) => {
      const created = withId(
        await resources.create(defined(c.req.valid('json')) as never, c.get('administrator')),
      );
      return answer(c, created, 201, `resources/${created.id}`);
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/resources/{resourceId}',
      operationId: 'getResource',
      summary: 'Read a resource',
      tags,
      request: { params: ResourcePath },
      responses: answering(Resource, 'The resource'),
    }),
    async (c) => {
      const found = await resources.get(identifierOf(c.req.valid('param').resourceId));
      return found === undefined ? answerMissing(c, 'resource') : answer(c, withId(found));
    },
  );
  app.openapi(
    createRoute({
      method: 'patch',
      path: '/resources/{resourceId}',
      operationId: 'updateResource',
      summary: 'Change a registered resource: label, scopes, tools',
      tags,
      request: { params: ResourcePath, headers: IfMatch, body: body(UpdateResource) },
      responses: answering(Resource, 'The resource as it is now'),
    }),
    async (c) => {
      const changes = { ...defined(c.req.valid('json')), ...ifRevision(c) } as never;
      const identifier = identifierOf(c.req.valid('param').resourceId);
      return answer(c, withId(await resources.update(identifier, changes, c.get('administrator'))));
    },
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/resources/{resourceId}',
      operationId: 'deleteResource',
      summary: 'Delete a registered resource',
      tags,
      request: { params: ResourcePath, headers: IfMatch, query: DeleteResource },
      responses: answeringNothing,
    }),
    async (c) => {
      const removeAccess = c.req.valid('query').removeAccess === 'true';
      const identifier = identifierOf(c.req.valid('param').resourceId);
      const deleted = await resources.delete(
        identifier,
        { removeAccess, ...ifRevision(c) },
        c.get('administrator'),
      );
      return deleted ? answerDone(c) : answerMissing(c, 'resource');
    },
  );
}

/** Identifiers are URLs, which paths do not hold well. */
function withId(resource: DomainResource): DomainResource & { readonly id: string } {
  return { id: Buffer.from(resource.resource).toString('base64url'), ...resource };
}

function identifierOf(id: string): string {
  return Buffer.from(id, 'base64url').toString();
}
