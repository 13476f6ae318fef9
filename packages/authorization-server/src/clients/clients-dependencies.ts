import type { KeyObject } from 'node:crypto';

import type { Transaction } from 'kysely';

import type { ReportEvent } from '../events.ts';
import type { ResourceDirectory } from '../resources/current-resources.ts';
import type { Database } from '../store/database.ts';
import type { LastUses } from '../store/last-uses.ts';
import type { Schema } from '../store/schema.ts';

/** What the administration of clients is built from. */
export interface ClientsDependencies {
  readonly database: Database;
  readonly directory: ResourceDirectory;
  readonly lastUses: LastUses;
  readonly macKey: KeyObject;
  readonly report: ReportEvent;
  /** The clock, in milliseconds. */
  readonly now: () => number;
  /** Withdraws the tokens of a client that is disabled or deleted, in the same transaction. */
  readonly withdrawTokens?: (transaction: Transaction<Schema>, clientId: string, at: number) => Promise<void>;
}
