import type { z } from '@hono/zod-openapi';

import { ConsoleProblem, Problem } from '../http/problem.ts';
import type { Session } from '../sign-in/sessions.ts';
import type { ApiContext } from './api-environment.ts';

const PROBLEMS = {
  default: { description: 'A refusal', content: { 'application/problem+json': { schema: Problem } } },
} as const;

/** The responses of an operation that answers with a document. */
export function answering(schema: z.ZodType, description: string, status: 200 | 201 = 200) {
  return { [status]: { description, content: { 'application/json': { schema } } }, ...PROBLEMS };
}

/** The responses of an operation that has nothing to answer. */
export const answeringNothing = { 204: { description: 'Done' }, ...PROBLEMS } as const;

/** The responses of an operation that answers line by line. */
export function answeringLines(schema: z.ZodType, description: string) {
  return { 200: { description, content: { 'application/x-ndjson': { schema } } }, ...PROBLEMS };
}

/** The request body of an operation. */
export function body<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } } as const;
}

/** Answers with a document; its type is held to the schema by the tests. */
export function answer(c: ApiContext, document: object, status: 200 | 201 = 200): never {
  return c.json(document, status) as never;
}

/**
 * The session of a request.
 *
 * @throws ConsoleProblem `not_signed_in`
 */
export function requireSession(c: ApiContext): Session {
  const session = c.get('session');
  if (session !== undefined) return session;
  throw new ConsoleProblem(
    401,
    'not_signed_in',
    'Nobody is signed in, or the session has ended. Sign in again.',
  );
}

/**
 * The session of a request that changes something.
 *
 * @throws ConsoleProblem `not_signed_in` or `not_allowed`
 */
export function requireWriter(c: ApiContext): Session {
  const session = requireSession(c);
  if (session.access.scopes.includes('admin:write')) return session;
  throw new ConsoleProblem(
    403,
    'not_allowed',
    'You may look and not change: your credential has admin:read alone. Sign in with one that has admin:write.',
  );
}
