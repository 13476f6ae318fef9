export {
  createAuthorizationServer,
  type AuthorizationServer,
  type RequestHandler,
} from './authorization-server.ts';
export type { AuthorizationServerOptions } from './authorization-server-options.ts';
export type { ProtectedResourceOptions } from './configured-resources.ts';
export { AuthorizationServerError, type AuthorizationServerErrorCode } from './authorization-server-error.ts';
export type { AuditFilters, AuditEntry, AuditLog, AuditPage, ListAuditOptions } from './audit/audit-log.ts';
export type { AuditOptions } from './audit/audit-rules.ts';
export type { ListUsageOptions, Usage, UsageHour, UsagePage } from './audit/usage.ts';
export type { AuthorizationServerEvent, AuthorizationServerEventListener } from './events.ts';
export type { BootstrapCredential } from './operations/bootstrap-client.ts';
export { createEventLog, type EventLog, type EventLogOptions } from './operations/event-log.ts';
export { prepareGracefulStop, type GracefulStop, type StopOptions } from './operations/graceful-stop.ts';
export type { CheckReadiness, Readiness, ServerPart } from './operations/readiness.ts';
export type { ThrottlingOptions } from './throttling/throttling-options.ts';
export type { TokenRefusalReason } from './token-refusal-reason.ts';
export type { Administrator } from './administrator.ts';
export type { ClientAccess } from './clients/access.ts';
export type { Client, ClientAuthentication, ClientKey, ClientSecret } from './clients/client.ts';
export type { AddKeyOptions, ClientKeys, UpdateKeyOptions } from './clients/client-keys.ts';
export type { ClientSecrets, CreatedSecret, CreateSecretOptions } from './clients/client-secrets.ts';
export type { ClientSettings } from './clients/client-settings.ts';
export type { ClientPage, Clients } from './clients/clients.ts';
export type { GrantType } from './clients/grant-types.ts';
export type { ListClientsOptions } from './clients/list-clients.ts';
export type { ClientRotation, StartRotationOptions } from './clients/rotation.ts';
export type { RotationReadiness } from './clients/rotation-readiness.ts';
export type { UpdateClientOptions } from './clients/update-client.ts';
export type {
  ClientAuthenticationOptions,
  CreateClientOptions,
  CreatedClient,
} from './clients/create-client.ts';
export type { PostgresqlOptions } from './store/postgresql-connection.ts';
export type { ExternalSigner } from './keys/external-signer.ts';
export type { PublicJwk } from './keys/public-jwk.ts';
export type { SigningAlgorithm } from './keys/signing-algorithm.ts';
export type { RetiredSigningKey, SigningKeyDescription, SigningKeys } from './keys/signing-keys.ts';
export type { ListResourcesOptions, ResourcePage } from './resources/list-resources.ts';
export type { ResourceSettings } from './resources/resource-settings.ts';
export type { Resource, ResourceTool } from './resources/resource.ts';
export type {
  CreateResourceOptions,
  DeleteResourceOptions,
  Resources,
  UpdateResourceOptions,
} from './resources/resources.ts';
export type { ChangeOptions } from './store/client-changes.ts';
export type {
  RevokedToken,
  RevokeTokenOptions,
  StatusListFetchDescription,
  Tokens,
} from './withdrawal/tokens.ts';
export type { FilledTrustTemplate, TrustTemplate, TrustTemplateParameter } from './trust/trust-templates.ts';
export type { DryRunOptions, DryRunResult, DryRunRule, DryRunStep } from './trust/dry-run.ts';
export type { TrustStep } from './trust/unacceptable-token.ts';
export type { Trust, TrustedIssuers, TrustRules } from './trust/trust.ts';
export type { ClaimName, TrustCondition, UnmetCondition } from './trust/trust-condition.ts';
export type { TrustRule, TrustRuleChanges, TrustRuleOptions } from './trust/trust-rule.ts';
export type {
  PublicKeySet,
  TrustedIssuer,
  TrustedIssuerChanges,
  TrustedIssuerKind,
  TrustedIssuerOptions,
} from './trust/trusted-issuer.ts';
export type { TrustRuleFilter } from './store/trust-store.ts';
