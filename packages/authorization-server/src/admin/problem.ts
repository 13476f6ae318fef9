import { z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';

import {
  AuthorizationServerError,
  type AuthorizationServerErrorCode,
} from '../authorization-server-error.ts';
import { isStoreFailure } from '../store/store-failure.ts';

/** What is wrong with a member of a request. */
const Mistake = z.object({
  path: z.string().openapi({ description: 'The member, as in access.0.scopes', example: 'access.0.scopes' }),
  message: z.string(),
});

/**
 * The body of every refusal.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9457 | RFC 9457}
 */
export const Problem = z
  .object({
    type: z.literal('about:blank'),
    title: z.string().openapi({ example: 'Not Found' }),
    status: z.int().openapi({ example: 404 }),
    code: z.string().openapi({ description: 'Stable, for programs', example: 'not_found' }),
    detail: z.string().openapi({ description: 'What is wrong and what to do, for people' }),
    errors: z.array(Mistake).optional(),
  })
  .openapi('Problem');

export type ProblemDocument = z.infer<typeof Problem>;

/** A refusal with a status and a code of the API's own. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  411: 'Length Required',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** Makes the document of a refusal. */
export function createProblem(
  status: number,
  code: string,
  detail: string,
  errors?: ProblemDocument['errors'],
): ProblemDocument {
  return {
    type: 'about:blank',
    title: TITLES[status] ?? 'Error',
    status,
    code,
    detail,
    ...(errors === undefined ? {} : { errors }),
  };
}

/** Turns what a handler threw into the document to answer with; a failure of the server's own says nothing of itself. */
export function describeError(error: unknown): ProblemDocument {
  if (error instanceof ProblemError) return createProblem(error.status, error.code, error.message);
  if (error instanceof AuthorizationServerError) {
    return createProblem(STATUSES[error.code], error.code, error.message);
  }
  if (isStoreFailure(error)) {
    return createProblem(503, 'store_unavailable', 'The database cannot be reached; try again.');
  }
  if (error instanceof HTTPException) {
    return createProblem(error.status, 'request_malformed', error.message || 'The request is malformed.');
  }
  // What the domain refuses by its own validation is a TypeError that names the option.
  if (error instanceof TypeError && error.cause === undefined && isOption(error)) {
    return createProblem(400, 'value_not_allowed', error.message);
  }
  return createProblem(500, 'internal_failure', 'The authorization server failed; its operator sees why.');
}

/** A mistake in the program is a TypeError as well: those of the engine name no option. */
function isOption({ message }: TypeError): boolean {
  return !/^Cannot |is not a function|is not iterable|is not a constructor/.test(message);
}

const STATUSES: Readonly<Record<AuthorizationServerErrorCode, number>> = {
  authentication_method_mismatch: 409,
  backup_not_possible: 500,
  bootstrap_file_exists: 500,
  client_exists: 409,
  database_in_use: 503,
  database_key_mismatch: 500,
  database_newer: 500,
  database_unusable: 503,
  not_found: 404,
  nothing_to_rotate: 409,
  resource_configured: 409,
  resource_exists: 409,
  resource_in_use: 409,
  revision_mismatch: 412,
  rotation_ended: 409,
  rotation_not_started: 409,
  rotation_under_way: 409,
  signer_missing: 503,
  signing_key_external: 409,
  trusted_issuer_exists: 409,
  too_many_credentials: 409,
};
