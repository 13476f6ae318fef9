import { z } from '@hono/zod-openapi';

import { Limit, NextPage } from './paging.ts';
import { Resource, Revision, ScopeList, Text, Time } from './values.ts';

const PublicKey = z
  .union([
    z.string().min(1).max(20_000).openapi({ description: 'PEM' }),
    z.looseObject({ kty: z.string() }).openapi({ description: 'JWK' }),
  ])
  .openapi({ description: 'A public key; a private one is refused' });

export const ClientAccess = z
  .strictObject({
    resource: Resource,
    scopes: ScopeList.openapi({ description: 'The most it can get there', example: ['deploy:read'] }),
    defaultScopes: ScopeList.optional().openapi({
      description: 'What it gets when it asks for none; all of its scopes when absent',
    }),
  })
  .openapi('ClientAccess');

export const ClientSecret = z
  .object({
    id: z.string(),
    hint: z.string().openapi({ description: 'The beginning of the secret', example: 'mcpm2m_Ab12…' }),
    state: z.enum(['active', 'retiring', 'expired']),
    createdAt: Time,
    expiresAt: Time.optional(),
    lastUsedAt: Time.optional(),
  })
  .openapi('ClientSecret');

export const CreatedSecret = ClientSecret.extend({
  secret: z.string().openapi({ description: 'Shown this once; it cannot be read again' }),
}).openapi('CreatedSecret');

export const ClientKey = z
  .object({
    id: z.string(),
    publicKey: z.looseObject({ kty: z.string() }),
    state: z.enum(['active', 'expired']),
    createdAt: Time,
    expiresAt: Time.optional(),
    lastUsedAt: Time.optional(),
  })
  .openapi('ClientKey');

export const Client = z
  .object({
    clientId: z.string(),
    label: z.string().optional(),
    owner: z.string().optional(),
    description: z.string().optional(),
    state: z.enum(['enabled', 'disabled']),
    authentication: z.discriminatedUnion('method', [
      z.object({ method: z.literal('secret'), secrets: z.array(ClientSecret) }),
      z.object({ method: z.literal('private_key_jwt'), keys: z.array(ClientKey) }),
      z.object({ method: z.literal('workload') }),
    ]),
    jwksUri: z.string().optional(),
    assertionAudience: z.literal('token-endpoint').optional(),
    grantTypes: z.array(z.string()),
    access: z.array(ClientAccess),
    defaultResource: z.string().optional(),
    tokenLifetimeSeconds: z.int().optional(),
    senderConstraint: z.enum(['dpop', 'mtls']).optional(),
    addresses: z.array(z.string()).optional(),
    expiresAt: Time.optional(),
    createdAt: Time,
    updatedAt: Time,
    lastUsedAt: Time.optional(),
    revision: Revision,
  })
  .openapi('Client');

export const CreatedClient = Client.extend({
  secret: z
    .string()
    .optional()
    .openapi({ description: 'For clients with a secret: shown this once, it cannot be read again' }),
}).openapi('CreatedClient');

const Settings = {
  label: Text.max(200).nullish().openapi({ description: 'For people' }),
  owner: Text.max(200).nullish().openapi({ description: 'Who answers for the client' }),
  description: Text.max(2000).nullish(),
  defaultResource: Resource.nullish(),
  grantTypes: z.array(Text).min(1).max(10).optional(),
  tokenLifetimeSeconds: z.int().min(60).max(86_400).nullish(),
  senderConstraint: z.enum(['dpop', 'mtls']).nullish(),
  addresses: z.array(Text.max(100)).min(1).max(200).nullish(),
  expiresAt: Time.nullish(),
  jwksUri: Text.nullish(),
  assertionAudience: z.literal('token-endpoint').nullish(),
};

export const CreateClient = z
  .strictObject({
    clientId: Text.max(100)
      .optional()
      .openapi({ description: 'Made up when absent', example: 'nightly-report' }),
    authentication: z.discriminatedUnion('method', [
      z.strictObject({ method: z.literal('secret'), expiresAt: Time.optional() }),
      z.strictObject({ method: z.literal('private_key_jwt'), publicKey: PublicKey.optional() }),
      z.strictObject({ method: z.literal('workload') }),
    ]),
    access: z.array(ClientAccess).min(1).max(100),
    ...Settings,
  })
  .openapi('CreateClient');

export const UpdateClient = z
  .strictObject({ access: z.array(ClientAccess).min(1).max(100).optional(), ...Settings })
  .openapi('UpdateClient', { description: 'What is left out stays; null takes a setting away' });

export const ListClients = z.strictObject({
  limit: Limit,
  after: Text.optional().openapi({ description: 'nextAfter of the page before' }),
  state: z.enum(['enabled', 'disabled']).optional(),
  method: z.enum(['secret', 'private_key_jwt', 'workload']).optional(),
  resource: Resource.optional(),
  owner: Text.optional(),
  search: Text.max(200).optional().openapi({ description: 'Part of the id, label, owner or description' }),
});

export const ClientPage = z.object({ clients: z.array(Client), nextAfter: NextPage }).openapi('ClientPage');

export const CreateSecret = z.strictObject({ expiresAt: Time.optional() }).openapi('CreateSecret');

export const StartRotation = z
  .strictObject({
    endsAt: Time.openapi({ description: 'When the old secret ends at the latest' }),
    expiresAt: Time.optional().openapi({ description: 'When the new secret ends; never when absent' }),
  })
  .openapi('StartRotation');

export const RotationReadiness = z
  .object({
    verdict: z.enum(['new_unused', 'old_in_use', 'ready', 'ended']),
    advice: z.string().openapi({ description: 'What was found and what to do, for people' }),
    startedAt: Time,
    endsAt: Time,
    newSecret: ClientSecret,
    oldSecrets: z.array(ClientSecret),
    oldUsedSinceStart: z.boolean(),
  })
  .openapi('RotationReadiness');

export const AddKey = z.strictObject({ publicKey: PublicKey, expiresAt: Time.optional() }).openapi('AddKey');

export const UpdateKey = z
  .strictObject({ expiresAt: Time.nullable().openapi({ description: 'null: never' }) })
  .openapi('UpdateKey');

export const ClientPath = z.object({ clientId: Text });
export const SecretPath = z.object({ clientId: Text, secretId: Text });
export const KeyPath = z.object({ clientId: Text, keyId: Text });
