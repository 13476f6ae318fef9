import { z } from '@hono/zod-openapi';

import { Limit, NextPage } from './paging.ts';
import { Resource, Text, Time } from './values.ts';

export const SigningKey = z
  .object({
    keyId: z.string(),
    algorithm: z.string(),
    state: z.enum(['next', 'current', 'previous']),
    heldBy: z.enum(['database', 'external_signer']),
    createdAt: Time,
    activeFrom: Time,
    retiresAt: Time.optional(),
  })
  .openapi('SigningKey');

export const RotateSigningKey = z
  .strictObject({ algorithm: z.enum(['ES256', 'EdDSA', 'RS256']).optional() })
  .openapi('RotateSigningKey');

export const RetiredSigningKey = z
  .object({ keyId: z.string(), currentKeyId: z.string(), meaning: z.string() })
  .openapi('RetiredSigningKey');

export const RevokeToken = z
  .union([z.strictObject({ tokenId: Text }), z.strictObject({ token: z.string().min(1).max(50_000) })])
  .openapi('RevokeToken', { description: 'The token by its jti, or itself' });

export const RevokedToken = z.object({ tokenId: z.string(), clientId: z.string() }).openapi('RevokedToken');

export const StatusListFetch = z
  .object({
    clientId: z.string(),
    listId: z.int(),
    version: z.int(),
    upToDate: z.boolean(),
    fetchedAt: Time,
  })
  .openapi('StatusListFetch');

const Period = {
  from: Time.optional().openapi({ description: 'From when on' }),
  to: Time.optional().openapi({ description: 'Until when, exclusively' }),
};

const AuditFilters = {
  type: z
    .union([Text.transform((one) => [one]), z.array(Text).max(50)])
    .optional()
    .openapi({ type: 'array', items: { type: 'string' }, description: 'Repeat it for several' }),
  clientId: Text.optional(),
  actor: Text.optional(),
  resource: Text.optional(),
  address: Text.optional(),
  reason: Text.optional(),
  ...Period,
};

export const ExportAudit = z.strictObject(AuditFilters);

export const ListAudit = z.strictObject({
  ...AuditFilters,
  order: z.enum(['newest', 'oldest']).optional(),
  limit: Limit,
  cursor: Text.optional(),
});

export const AuditEntry = z
  .object({
    id: z.string(),
    at: Time,
    type: z.string(),
    actor: z.string().optional(),
    clientId: z.string().optional(),
    resource: z.string().optional(),
    address: z.string().optional(),
    reason: z.string().optional(),
    detail: z.record(z.string(), z.unknown()),
  })
  .openapi('AuditEntry');

export const AuditPage = z
  .object({ entries: z.array(AuditEntry), nextCursor: NextPage })
  .openapi('AuditPage');

export const ListUsage = z.strictObject({
  clientId: Text.optional(),
  resource: Resource.optional(),
  ...Period,
  limit: Limit,
  cursor: Text.optional(),
});

export const UsagePage = z
  .object({
    hours: z.array(
      z.object({
        hour: Time,
        clientId: z.string().optional(),
        resource: z.string().optional(),
        issued: z.int(),
        refused: z.int(),
      }),
    ),
    nextCursor: NextPage,
  })
  .openapi('UsagePage');

export const ServerDescription = z
  .object({
    issuer: z.string(),
    tokenEndpoint: z.string(),
    caller: z.object({ clientId: z.string(), subject: z.string(), scopes: z.array(z.string()) }),
  })
  .openapi('ServerDescription');

export const SigningKeyPath = z.object({ keyId: Text });
