import { z } from '@hono/zod-openapi';

export const Limit = z.coerce.number().int().min(1).max(1000).optional().openapi({
  description: 'Most entries of a page; 100 unless given',
  example: 100,
});

export const NextPage = z
  .string()
  .optional()
  .openapi({ description: 'Gets the next page; absent on the last one' });
