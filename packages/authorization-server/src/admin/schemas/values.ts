import { z } from '@hono/zod-openapi';

export const Time = z.iso.datetime({ offset: true }).openapi({ example: '2027-01-31T12:00:00.000Z' });

export const Revision = z
  .string()
  .openapi({ description: 'Changes with every change; also the ETag of the answer', example: '6b1f0c1e' });

export const ScopeList = z.array(z.string().min(1).max(200)).max(500);

/** What a database can hold: no NUL, no half of a character. Query parameters of one name come as a list. */
export const Text = z
  .string()
  .min(1)
  .max(2048)
  .refine((text) => text.isWellFormed() && !text.includes('\0'), 'Invalid input: a control character');

export const Resource = Text.openapi({
  description: 'Identifier of an MCP server',
  example: 'https://mcp.example.com/mcp',
});
