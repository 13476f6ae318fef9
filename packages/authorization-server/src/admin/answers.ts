import type { z } from '@hono/zod-openapi';

import type { AdminContext } from './admin-environment.ts';
import { createProblem, Problem } from './problem.ts';
import { entityTagOf } from './revision.ts';

/** The refusals of every operation. */
export const PROBLEMS = {
  default: {
    description: 'A refusal',
    content: { 'application/problem+json': { schema: Problem } },
  },
} as const;

/** The responses of an operation that answers with a document. */
export function answering(schema: z.ZodType, description: string, status: 200 | 201 = 200) {
  return { [status]: { description, content: { 'application/json': { schema } } }, ...PROBLEMS };
}

/** The responses of an operation that has nothing to answer. */
export const answeringNothing = { 204: { description: 'Done' }, ...PROBLEMS } as const;

/** The request body of an operation. */
export function body<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } } as const;
}

/**
 * Answers with a document of the domain. Its revision, where it has one, is the entity tag.
 *
 * Returns `never`: the domain's types are read-only where those of the schemas are not, and tests hold every answer to
 * its schema.
 */
export function answer(c: AdminContext, document: object, status: 200 | 201 = 200, location?: string): never {
  const { revision } = document as { revision?: unknown };
  if (typeof revision === 'string') {
    const tag = entityTagOf(revision);
    if (c.req.method === 'GET' && c.req.header('if-none-match') === tag) {
      return c.body(null, 304, { ETag: tag }) as never;
    }
    c.header('ETag', tag);
  }
  if (location !== undefined) c.header('Location', location);
  return c.json(document, status) as never;
}

/** Answers that it is done. */
export function answerDone(c: AdminContext): never {
  return c.body(null, 204) as never;
}

/** Answers that there is no such thing. */
export function answerMissing(c: AdminContext, what: string): never {
  return c.body(JSON.stringify(createProblem(404, 'not_found', `There is no such ${what}.`)), 404, {
    'Content-Type': 'application/problem+json',
  }) as never;
}
