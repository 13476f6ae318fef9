import { z } from '@hono/zod-openapi';

const Text = z.string().min(1).max(2048);
const LongText = z.string().min(1).max(20_000);

/** Grants for machines, then those that begin with a person: they are offered too, and explained. */
export const GRANTS = [
  'client_credentials',
  'workload',
  'token_exchange',
  'authorization_code',
  'device_code',
  'password',
] as const;

export type Grant = (typeof GRANTS)[number];

/** What a connection proves itself with. Goes into the console, and never comes out. */
export const Credential = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('secret'),
      secret: LongText,
      method: z.enum(['basic', 'post']).optional().openapi({ description: 'basic unless given' }),
    }),
    z.strictObject({
      kind: z.literal('private_key'),
      privateKeyPem: LongText.openapi({ description: 'PKCS #8 in PEM' }),
      algorithm: z
        .enum(['ES256', 'ES384', 'EdDSA', 'RS256', 'PS256'])
        .optional()
        .openapi({ description: 'ES256 unless given' }),
      keyId: Text.optional(),
    }),
    z.strictObject({
      kind: z.literal('workload_token'),
      source: Text.openapi({ description: 'One of those that GET /connection-options names' }),
    }),
    z.strictObject({ kind: z.literal('assertion'), assertion: LongText }),
    z.strictObject({ kind: z.literal('token'), token: LongText }),
  ])
  .openapi('Credential');

/** How a client of an MCP server is configured. */
export const ConnectionSettings = z
  .strictObject({
    label: Text.max(200).optional(),
    url: Text.openapi({ description: 'The MCP server', example: 'https://mcp.example.com/mcp' }),
    issuer: Text.optional().openapi({
      description: 'The authorization server that the credential belongs to; it is sent nowhere else',
    }),
    grant: z.enum(GRANTS).optional().openapi({ description: 'client_credentials unless given' }),
    clientId: Text.optional(),
    credential: Credential.optional(),
    subjectToken: LongText.optional().openapi({ description: 'For token_exchange: on whose behalf' }),
    scopes: z.array(Text.max(200)).max(100).optional(),
    dpop: z.boolean().optional(),
    tokenParameters: z.record(Text, z.string().max(2048)).optional(),
  })
  .openapi('ConnectionSettings');

/** What a test takes beside. */
export const ConnectionTest = ConnectionSettings.extend({
  tool: z
    .strictObject({ name: Text, arguments: z.record(z.string(), z.unknown()).optional() })
    .optional()
    .openapi({ description: 'A tool to call at the end; what it does, it does' }),
  timeoutMilliseconds: z.int().min(100).max(30_000).optional().openapi({ description: 'Of each step' }),
}).openapi('ConnectionTest');

export type CredentialSettings = z.infer<typeof Credential>;
export type ConnectionSettingsValue = z.infer<typeof ConnectionSettings>;
export type ConnectionTestValue = z.infer<typeof ConnectionTest>;
