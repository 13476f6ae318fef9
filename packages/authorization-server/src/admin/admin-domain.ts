import type { AuditLog } from '../audit/audit-log.ts';
import type { Usage } from '../audit/usage.ts';
import type { Clients } from '../clients/clients.ts';
import type { SigningKeys } from '../keys/signing-keys.ts';
import type { Resources } from '../resources/resources.ts';
import type { Trust } from '../trust/trust.ts';
import type { Tokens } from '../withdrawal/tokens.ts';

/** What the administrative API is an interface to. */
export interface AdminDomain {
  readonly clients: Clients;
  readonly resources: Resources;
  readonly trust: Trust;
  readonly signingKeys: SigningKeys;
  readonly tokens: Tokens;
  readonly audit: AuditLog;
  readonly usage: Usage;
}
