export {
  type Access,
  type AccessOptions,
  type AccessRequirement,
  type AccessRuleInput,
  type ClientRestriction,
} from './access/access-options.ts';
export { type AudienceOptions } from './audience.ts';
export { type IncomingRequest } from './authenticator.ts';
export { type Caller, type CallerKind } from './caller.ts';
export { type RequestHeaders } from './credentials.ts';
export { type Decision, type DecisionListener } from './decision.ts';
export { type HttpAnswer } from './http-answer.ts';
export { type IntrospectionOptions } from './introspection/introspection-options.ts';
export { type AuthorizationServerResolver } from './issuer-resolutions.ts';
export { type MetadataSigningOptions } from './metadata/signed-metadata.ts';
export {
  createJwtVerifier,
  decodeJwt,
  type DecodedJwt,
  type JwtVerifier,
  type JwtVerifierOptions,
  type VerifiedJwt,
} from './jwt-verifier.ts';
export { type RejectedCredential } from './judgement.ts';
export { type TokenProfileName } from './profiles/profiles.ts';
export {
  type ProfiledClaims,
  type SubjectKind,
  type TokenMembers,
  type TokenProfile,
} from './profiles/token-profile.ts';
export { type RefusalReason } from './refusal-reason.ts';
export { type Refusal } from './refusal.ts';
export { type Authenticated, type Authorized, type BodyRefusalReason } from './request-judge.ts';
export { type ResourceServerOptions } from './resource-server-options.ts';
export { createResourceServer, type ResourceServer } from './resource-server.ts';
export { type IsRevoked, type RevocationSubject } from './revocation/revocation-check.ts';
export { type ClientCertificateOptions } from './sender-constraint/client-certificate.ts';
export { type DpopOptions } from './sender-constraint/dpop-options.ts';
export {
  createMemoryReplayStore,
  type MemoryReplayStoreOptions,
  type ReplayStore,
} from './sender-constraint/replay-store.ts';
export {
  createCertificateThumbprint,
  createTokenRequestProofs,
  type AcceptedTokenRequestProof,
  type TokenRequestEnvelope,
  type TokenRequestProofs,
} from './sender-constraint/token-request-proof.ts';
export { type SignatureAlgorithm } from './signature-algorithms.ts';
export { type AuthorizationServerOptions } from './trusted-issuer.ts';
export { type ClientAuthentication } from '../client-authentication/client-authentication.ts';
export {
  clientSecretBasic,
  type ClientSecretBasicOptions,
} from '../client-authentication/client-secret-basic.ts';
export {
  clientSecretPost,
  type ClientSecretPostOptions,
} from '../client-authentication/client-secret-post.ts';
export { privateKeyJwt, type PrivateKeyJwtOptions } from '../client-authentication/private-key-jwt.ts';
