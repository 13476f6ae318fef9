import type { AuthorizationServerEvent } from '../events.ts';
import type { Schema } from '../store/schema.ts';
import type { TokenRefusalReason } from '../token-refusal-reason.ts';

/** Tokens issued and refused in one hour. */
export type UsageRow = Schema['usage_hours'];

/** Counts tokens per hour, client and resource until they are written. */
export interface UsageCounter {
  count(event: AuthorizationServerEvent): void;
  /** Adds what was taken and could not be written. */
  restore(rows: readonly UsageRow[]): void;
  /** Hands out the counts, and begins anew. */
  take(): UsageRow[];
  isEmpty(): boolean;
}

const HOUR = 3_600_000;
const MAX_ROWS = 20_000;

// Here the client id is what anybody may have written. A client of its own for each would be rows without end.
const UNPROVEN: ReadonlySet<TokenRefusalReason> = new Set<TokenRefusalReason>([
  'client_unknown',
  'grant_not_offered',
  'request_malformed',
  'throttled',
]);

/**
 * Makes the counter. A refusal counts for the client it concerns, without a resource; where it is not known to
 * be a client's, for no client (an empty id).
 */
export function createUsageCounter(): UsageCounter {
  const rows = new Map<string, UsageRow>();

  function add(row: UsageRow): void {
    const key = `${row.hour} ${row.client_id} ${row.resource}`;
    const known = rows.get(key);
    if (known !== undefined) {
      known.issued += row.issued;
      known.refused += row.refused;
    } else if (rows.size < MAX_ROWS) rows.set(key, { ...row });
  }

  return {
    count(event) {
      const hour = event.at - (event.at % HOUR);
      if (event.type === 'token_issued') {
        add({ hour, client_id: event.clientId, resource: event.resource, issued: 1, refused: 0 });
      } else if (event.type === 'token_refused') {
        const clientId = UNPROVEN.has(event.reason) ? '' : (event.clientId ?? '');
        add({ hour, client_id: clientId, resource: '', issued: 0, refused: 1 });
      }
    },
    restore(taken) {
      for (const row of taken) add(row);
    },
    take() {
      const taken = [...rows.values()];
      rows.clear();
      return taken;
    },
    isEmpty: () => rows.size === 0,
  };
}
