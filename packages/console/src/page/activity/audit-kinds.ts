/** Types of entries that say that something was refused. */
export const REFUSALS = ['token_refused', 'request_refused'];

/** Kinds of entries as people look for them. */
export const AUDIT_KINDS: readonly {
  readonly value: string;
  readonly label: string;
  readonly types?: readonly string[];
}[] = [
  { value: '', label: 'Everything' },
  { value: 'refusals', label: 'Refusals', types: REFUSALS },
  {
    value: 'clients',
    label: 'Changes of clients',
    types: ['client_created', 'client_updated', 'client_enabled', 'client_disabled', 'client_deleted'],
  },
  {
    value: 'credentials',
    label: 'Changes of credentials',
    types: [
      'client_secret_created',
      'client_secret_deleted',
      'client_rotation_started',
      'client_rotation_finished',
      'client_rotation_cancelled',
      'client_key_added',
      'client_key_updated',
      'client_key_removed',
    ],
  },
  {
    value: 'access',
    label: 'Changes of MCP servers and trust',
    types: [
      'resource_created',
      'resource_updated',
      'resource_deleted',
      'trusted_issuer_created',
      'trusted_issuer_updated',
      'trusted_issuer_deleted',
      'trust_rule_created',
      'trust_rule_updated',
      'trust_rule_deleted',
    ],
  },
  {
    value: 'keys',
    label: 'Signing keys',
    types: ['signing_key_created', 'signing_key_scheduled', 'signing_key_activated', 'signing_key_retired'],
  },
  { value: 'revocations', label: 'Revoked tokens', types: ['token_revoked'] },
];
