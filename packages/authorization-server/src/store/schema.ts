import type { Generated } from 'kysely';

/**
 * Tables as this version knows them. Times are milliseconds since the epoch, `bigint` in the database, unless
 * a column's name says seconds; JSON is text; scopes and grant types are separated by spaces.
 */
export interface Schema {
  clients: {
    id: string;
    label: string | null;
    owner: string | null;
    description: string | null;
    method: 'secret' | 'private_key_jwt' | 'workload';
    state: 'enabled' | 'disabled';
    /** Changes with every change to the client, its secrets, keys or access. */
    revision: string;
    grant_types: string;
    /** The resource of a token request that names none. */
    default_resource: string | null;
    token_lifetime_seconds: number | null;
    /** What every token of the client has to be bound to. */
    sender_constraint: 'dpop' | 'mtls' | null;
    /** JSON array of addresses and networks in CIDR notation. */
    addresses: string | null;
    jwks_uri: string | null;
    assertion_audience: 'token-endpoint' | null;
    expires_at: number | null;
    /** What a search looks through, in one case: id, label, owner and description, a line each. */
    search_text: string;
    created_at: number;
    updated_at: number;
  };
  client_secrets: {
    id: string;
    client_id: string;
    mac: string;
    hint: string;
    created_at: number;
    expires_at: number | null;
    /** The secret that takes this one's place, while a rotation is under way. */
    replaced_by: string | null;
    /** `expires_at` as it was before the rotation began, for its cancellation. */
    expires_at_before: number | null;
  };
  client_keys: {
    id: string;
    client_id: string;
    public_jwk: string;
    created_at: number;
    expires_at: number | null;
  };
  client_access: {
    client_id: string;
    resource: string;
    scopes: string;
    /** The scopes of a token request that names none; all of them when null. */
    default_scopes: string | null;
    position: number;
  };
  /** When clients (`credential_id` empty), their secrets and keys were last used; written in batches. */
  last_uses: { client_id: string; credential_id: string; used_at: number };
  /** MCP servers that administrators registered beside the configured ones. */
  resources: {
    id: string;
    label: string | null;
    scopes: string;
    /** JSON: the tools last imported from the MCP server, with the scopes each needs. */
    tools: string | null;
    revision: string;
    created_at: number;
    updated_at: number;
  };
  signing_keys: {
    id: string;
    algorithm: string;
    public_jwk: string;
    /** Null for a key that an external signer holds. */
    sealed_private_jwk: string | null;
    state: 'next' | 'current' | 'previous';
    created_at: number;
    /** From when on it signs. */
    active_from: number;
    /** From when on it is no longer published. */
    retires_at: number | null;
  };
  /** Random values that all instances share, encrypted: what DPoP nonces derive from, say. */
  shared_values: { name: string; sealed_value: string; created_at: number };
  /** What may be used only once. */
  replay: { id: string; expires_at_seconds: number };
  /** Issuers whose JWTs are accepted as grants. */
  trusted_issuers: {
    id: string;
    issuer: string;
    kind: 'workload' | 'id-jag';
    label: string | null;
    /** Where its keys are; discovered when null and `jwks` is null. */
    jwks_uri: string | null;
    /** JSON: its keys, where it publishes none. */
    jwks: string | null;
    /** Whether each of its JWTs is accepted once only. */
    use: 'single' | 'repeated';
    revision: string;
    created_at: number;
    updated_at: number;
  };
  /** Which tokens of a trusted issuer stand for which client. */
  trust_rules: {
    id: string;
    issuer_id: string;
    client_id: string;
    label: string | null;
    /** The server's issuer when null. */
    audience: string | null;
    /** JSON: conditions on claims. */
    conditions: string;
    revision: string;
    created_at: number;
    updated_at: number;
  };
  /** Published lists of token states, one bit per token. */
  status_lists: {
    id: number;
    /** The first index that no instance has taken yet. */
    next_index: number;
    /** Goes up with every revocation in the list. */
    version: number;
    created_at: number;
    /** Since when all its indexes are taken. */
    filled_at: number | null;
  };
  /**
   * Ranges of status list indexes, each handed to one client: its tokens take their index from there, so that
   * disabling the client revokes what it holds without a row per token.
   */
  status_ranges: {
    list_id: number;
    first_index: number;
    size: number;
    client_id: string;
    /** When the last token that can have an index of this range has expired. */
    expires_at: number;
    revoked_at: number | null;
  };
  /** Single tokens that were revoked before they expired. */
  revoked_tokens: {
    id: string;
    client_id: string;
    list_id: number;
    status_index: number;
    revoked_at: number;
    expires_at: number;
  };
  /** Which resource server fetched which version of the status list, the latest of each. */
  status_list_fetches: { client_id: string; list_id: number; version: string; fetched_at: number };
  /** Append-only. */
  audit_events: {
    id: Generated<number>;
    at: number;
    type: string;
    /** Who did it: an administrator's client or subject, or the client of a token request. */
    actor: string | null;
    client_id: string | null;
    resource: string | null;
    address: string | null;
    /** The true reason of a refusal. */
    reason: string | null;
    /** JSON: the rest of the event. */
    detail: string;
  };
  /** Tokens issued and refused per hour, `hour` being its first millisecond. */
  usage_hours: { hour: number; client_id: string; resource: string; issued: number; refused: number };
  /** Failed authentications by client and address. */
  throttled: { id: string; failures: number; since: number; blocked_until: number };
  /** Answers to administrative requests that may be repeated; encrypted, as one can hold a new secret. */
  idempotent_answers: {
    id: string;
    request_digest: string;
    sealed_answer: string | null;
    created_at: number;
  };
  schema_version: { id: number; version: number };
}
