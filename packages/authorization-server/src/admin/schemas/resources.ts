import { z } from '@hono/zod-openapi';

import { Limit, NextPage } from './paging.ts';
import { Resource as ResourceIdentifier, Revision, ScopeList, Text, Time } from './values.ts';

const ResourceTool = z
  .strictObject({
    name: Text.max(200),
    description: Text.optional(),
    scopes: ScopeList.openapi({ description: 'What a caller needs for this tool' }),
  })
  .openapi('ResourceTool');

export const Resource = z
  .object({
    id: z.string().openapi({ description: 'The identifier in base64url, for paths' }),
    resource: ResourceIdentifier,
    source: z.enum(['configuration', 'administrator']),
    label: z.string().optional(),
    scopes: z.array(z.string()),
    tools: z.array(ResourceTool).optional(),
    createdAt: Time.optional(),
    updatedAt: Time.optional(),
    revision: Revision.optional(),
  })
  .openapi('Resource');

export const CreateResource = z
  .strictObject({
    resource: ResourceIdentifier,
    label: Text.max(200).nullish(),
    scopes: ScopeList,
    tools: z.array(ResourceTool).max(2000).nullish(),
  })
  .openapi('CreateResource');

export const UpdateResource = z
  .strictObject({
    label: Text.max(200).nullish(),
    scopes: ScopeList.optional(),
    tools: z.array(ResourceTool).max(2000).nullish(),
  })
  .openapi('UpdateResource', { description: 'What is left out stays; null takes a setting away' });

export const ListResources = z.strictObject({
  limit: Limit,
  after: Text.optional(),
  source: z.enum(['configuration', 'administrator']).optional(),
});

export const ResourcePage = z
  .object({ resources: z.array(Resource), nextAfter: NextPage })
  .openapi('ResourcePage');

export const DeleteResource = z.strictObject({
  removeAccess: z.enum(['true', 'false']).optional().openapi({
    description:
      'Whether to take it from the clients that may use it; refused while there are some otherwise',
  }),
});

export const ResourcePath = z.object({ resourceId: Text });
