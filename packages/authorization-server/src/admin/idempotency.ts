import { createHash, type KeyObject } from 'node:crypto';

import type { MiddlewareHandler } from 'hono';

import { openSealedText, sealText } from '../keys/sealed-text.ts';
import type { Database } from '../store/database.ts';
import type { AdminEnvironment } from './admin-environment.ts';
import { ProblemError } from './problem.ts';

/** How long a repetition gets the same answer. */
const KEPT_MS = 86_400_000;
/** How long a first request may take before its repetition is told that nobody knows what became of it. */
const UNDER_WAY_MS = 60_000;

interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Dependencies of {@link createIdempotency}. */
export interface IdempotencyDependencies {
  readonly database: Database;
  /** Encrypts the answers, as one can hold a new secret. */
  readonly seal: KeyObject;
  readonly now: () => number;
}

/**
 * Gives a repeated request with the same `Idempotency-Key` the answer of the first one, so that an act is not done
 * twice because its answer was lost. Holds for POST, for a day, and for the same caller, path and body.
 *
 * A process that dies between the act and its answer leaves the act done and the answer unknown: the repetition is
 * then told so, and nothing is done again.
 *
 * @see {@link https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ | The Idempotency-Key HTTP header field}
 */
export function createIdempotency({
  database,
  seal,
  now,
}: IdempotencyDependencies): MiddlewareHandler<AdminEnvironment> {
  const { db, transact } = database;

  return async (c, next) => {
    const key = c.req.header('idempotency-key');
    if (c.req.method !== 'POST' || key === undefined) {
      await next();
      return undefined;
    }
    if (!/^[\x20-\x7e]{1,200}$/.test(key)) {
      throw new ProblemError(
        400,
        'idempotency_key_malformed',
        'Idempotency-Key must have 1 to 200 printable characters.',
      );
    }
    const id = digest(c.get('caller').issuer, c.get('caller').clientId, c.get('caller').subject, key);
    const requestDigest = digest(new URL(c.req.url).pathname, await c.req.text());
    const known = await begin(id, requestDigest);
    if (known !== undefined) {
      return new Response(known.body, {
        status: known.status,
        headers: { ...known.headers, 'Idempotency-Replayed': 'true', 'Cache-Control': 'no-store' },
      });
    }
    try {
      await next();
    } catch (error) {
      await forget(id);
      throw error;
    }
    // What was refused was not done: it may be tried again under the same key. Of what failed nobody knows.
    if (c.res.status < 400) await keep(id, c.res.clone());
    else if (c.res.status < 500) await forget(id);
    return undefined;
  };

  async function begin(id: string, requestDigest: string): Promise<StoredAnswer | undefined> {
    const at = now();
    const row = await transact(async (transaction) => {
      await transaction
        .deleteFrom('idempotent_answers')
        .where('created_at', '<', at - KEPT_MS)
        .execute();
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto('idempotent_answers')
        .values({ id, request_digest: requestDigest, sealed_answer: null, created_at: at })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      if (numInsertedOrUpdatedRows === 1n) return undefined;
      return await transaction
        .selectFrom('idempotent_answers')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
    });
    if (row === undefined) return undefined;
    if (row.request_digest !== requestDigest) {
      throw new ProblemError(
        422,
        'idempotency_key_reused',
        'This Idempotency-Key was used for another request; use a new one for each act.',
      );
    }
    if (row.sealed_answer !== null)
      return JSON.parse(openSealedText(seal, row.sealed_answer, id)) as StoredAnswer;
    throw at - row.created_at < UNDER_WAY_MS
      ? new ProblemError(
          409,
          'request_under_way',
          'The first request with this Idempotency-Key is not answered yet; try again.',
        )
      : new ProblemError(
          409,
          'outcome_unknown',
          'The first request with this Idempotency-Key was interrupted, and what became of it is not known: look whether it was done, then use a new key.',
        );
  }

  async function keep(id: string, response: Response): Promise<void> {
    const headers = Object.fromEntries(
      ['content-type', 'etag', 'location'].flatMap((name) => {
        const value = response.headers.get(name);
        return value === null ? [] : [[name, value]];
      }),
    );
    const answer: StoredAnswer = { status: response.status, headers, body: await response.text() };
    await transact(async (transaction) => {
      await transaction
        .updateTable('idempotent_answers')
        .set({ sealed_answer: sealText(seal, JSON.stringify(answer), id) })
        .where('id', '=', id)
        .execute();
    });
  }

  async function forget(id: string): Promise<void> {
    await db
      .deleteFrom('idempotent_answers')
      .where('id', '=', id)
      .where('sealed_answer', 'is', null)
      .execute();
  }
}

function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
