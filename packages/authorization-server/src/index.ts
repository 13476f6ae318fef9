export {
  createAuthorizationServer,
  type AuthorizationServer,
  type RequestHandler,
} from './authorization-server.ts';
export type { AuthorizationServerOptions, ProtectedResourceOptions } from './authorization-server-options.ts';
export { AuthorizationServerError, type AuthorizationServerErrorCode } from './authorization-server-error.ts';
export type { AuthorizationServerEvent, AuthorizationServerEventListener } from './events.ts';
export type { TokenRefusalReason } from './token-refusal-reason.ts';
export type { ClientAccess } from './clients/access.ts';
export type { Client, ClientAuthentication } from './clients/client.ts';
export type { ClientPage, Clients, ListClientsOptions } from './clients/clients.ts';
export type {
  ClientAuthenticationOptions,
  CreateClientOptions,
  CreatedClient,
} from './clients/create-client.ts';
export type { PublicJwk } from './keys/public-jwk.ts';
