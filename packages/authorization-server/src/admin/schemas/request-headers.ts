import { z } from '@hono/zod-openapi';

export const IfMatch = z.object({
  'if-match': z
    .string()
    .optional()
    .openapi({ description: 'The ETag that was read: refused with 412 when it has changed since' }),
});

export const IdempotencyKey = z.object({
  'idempotency-key': z.string().min(1).max(200).optional().openapi({
    description:
      'A new random value for each act: a repetition within a day with the same value gets the same answer, and nothing is done twice',
  }),
});
