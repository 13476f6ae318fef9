import { z } from '@hono/zod-openapi';
import type { Diagnosis } from '@mcp-m2m/doctor';

import { GRANTS, type ConnectionSettingsValue } from './connection-settings.ts';
import type { StoredConnection } from './connection-store.ts';

const Tool = z.object({ name: z.string(), description: z.string().optional() }).openapi('Tool');

export const Finding = z
  .object({
    code: z.string(),
    severity: z.enum(['failure', 'warning', 'note']),
    message: z.string(),
    fix: z.string(),
    link: z.string(),
  })
  .openapi('Finding');

/** What the last test found. */
export const Health = z
  .object({
    outcome: z.enum(['healthy', 'incomplete', 'broken']),
    verdict: Finding.optional(),
    checkedAt: z.iso.datetime(),
    tools: z.array(Tool).optional().openapi({ description: 'Absent where the test did not come that far' }),
  })
  .openapi('Health');

/** A saved connection. Holds no secret. */
export const Connection = z
  .object({
    id: z.string(),
    label: z.string().optional(),
    url: z.string(),
    issuer: z.string().optional(),
    grant: z.enum(GRANTS),
    clientId: z.string().optional(),
    credential: z
      .enum(['secret', 'private_key', 'workload_token', 'assertion', 'token'])
      .optional()
      .openapi({ description: 'The kind of it; what it is does not come out' }),
    scopes: z.array(z.string()).optional(),
    dpop: z.boolean(),
    createdAt: z.iso.datetime(),
    createdBy: z.string(),
    readable: z
      .boolean()
      .openapi({ description: 'False where the secret key is another than it was saved with' }),
    health: Health.optional(),
  })
  .openapi('Connection');

export type ConnectionView = z.infer<typeof Connection>;
export type HealthValue = z.infer<typeof Health>;

/** What of a connection may be shown. */
export function showConnection(
  stored: StoredConnection,
  settings: ConnectionSettingsValue | undefined,
): ConnectionView {
  const {
    label,
    url = '',
    issuer,
    grant = 'client_credentials',
    clientId,
    credential,
    scopes,
    dpop,
  } = settings ?? ({} as Partial<ConnectionSettingsValue>);
  const { id, createdAt, createdBy, health } = stored;
  return {
    id,
    label,
    url,
    issuer,
    grant,
    clientId,
    credential: credential?.kind,
    scopes,
    dpop: dpop ?? false,
    createdAt: new Date(createdAt).toISOString(),
    createdBy,
    readable: settings !== undefined,
    health: health === undefined ? undefined : (JSON.parse(health) as HealthValue),
  };
}

/** What is kept of a diagnosis. */
export function toHealth({ outcome, verdict, tools }: Diagnosis, at: number): HealthValue {
  return {
    outcome,
    verdict,
    checkedAt: new Date(at).toISOString(),
    tools: tools?.map(({ name, description }) => ({ name, description })),
  };
}
