import { z } from '@hono/zod-openapi';

import { Revision, Text, Time } from './values.ts';

const ClaimName = z
  .union([Text.max(200), z.array(Text.max(200)).min(1).max(10)])
  .openapi({ description: 'A claim, or the way to one within claims' });

export const TrustCondition = z
  .union([
    z.strictObject({ claim: ClaimName, equals: z.union([Text, z.number(), z.boolean()]) }),
    z.strictObject({ claim: ClaimName, oneOf: z.array(Text).min(1).max(200) }),
    z.strictObject({
      claim: ClaimName,
      matches: Text.openapi({ description: '* stands for one part, and does not cross separators' }),
    }),
  ])
  .openapi('TrustCondition');

const Jwks = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });

export const TrustedIssuer = z
  .object({
    id: z.string(),
    issuer: z.string(),
    kind: z.enum(['workload', 'id-jag']),
    label: z.string().optional(),
    jwksUri: z.string().optional(),
    jwks: Jwks.optional(),
    singleUse: z.boolean(),
    revision: Revision,
    createdAt: Time,
    updatedAt: Time,
  })
  .openapi('TrustedIssuer');

const IssuerSettings = {
  label: Text.max(200).nullish(),
  jwksUri: Text.nullish().openapi({ description: 'Where its keys are; discovered when absent' }),
  jwks: Jwks.nullish().openapi({ description: 'Its keys, where it publishes none' }),
  singleUse: z.boolean().optional().openapi({ description: 'Whether each of its tokens can be used once' }),
};

export const CreateTrustedIssuer = z
  .strictObject({ issuer: Text, kind: z.enum(['workload', 'id-jag']), ...IssuerSettings })
  .openapi('CreateTrustedIssuer');

export const UpdateTrustedIssuer = z.strictObject(IssuerSettings).openapi('UpdateTrustedIssuer');

export const TrustRule = z
  .object({
    id: z.string(),
    issuerId: z.string(),
    clientId: z.string(),
    label: z.string().optional(),
    audience: z.string().optional(),
    conditions: z.array(TrustCondition),
    revision: Revision,
    createdAt: Time,
    updatedAt: Time,
  })
  .openapi('TrustRule');

const Conditions = z.array(TrustCondition).min(1).max(50);

export const CreateTrustRule = z
  .strictObject({
    issuerId: Text,
    clientId: Text,
    label: Text.max(200).optional(),
    audience: Text.optional(),
    conditions: Conditions,
  })
  .openapi('CreateTrustRule');

export const UpdateTrustRule = z
  .strictObject({
    label: Text.max(200).nullish(),
    audience: Text.nullish(),
    conditions: Conditions.optional(),
  })
  .openapi('UpdateTrustRule');

export const ListTrustRules = z.strictObject({ issuerId: Text.optional(), clientId: Text.optional() });

export const TrustTemplate = z
  .object({
    name: z.string(),
    label: z.string(),
    documentation: z.string(),
    parameters: z.array(
      z.object({ name: z.string(), description: z.string(), example: z.string(), required: z.boolean() }),
    ),
  })
  .openapi('TrustTemplate');

export const FillTemplate = z
  .strictObject({ values: z.record(z.string(), z.string().max(2048)) })
  .openapi('FillTemplate');

export const FilledTemplate = z
  .object({ issuer: z.string(), audience: z.string().optional(), conditions: z.array(TrustCondition) })
  .openapi('FilledTemplate');

export const DryRun = z
  .strictObject({ token: z.string().min(1).max(50_000).openapi({ description: 'Neither kept nor logged' }) })
  .openapi('DryRun');

export const DryRunResult = z
  .object({
    accepted: z.boolean(),
    summary: z.string(),
    reason: z.string().optional(),
    issuer: z.object({ id: z.string(), issuer: z.string(), kind: z.enum(['workload', 'id-jag']) }).optional(),
    clientIds: z.array(z.string()),
    steps: z.array(
      z.object({
        step: z.string(),
        outcome: z.enum(['passed', 'failed', 'not reached']),
        expected: z.string().optional(),
        received: z.string().optional(),
      }),
    ),
    rules: z.array(
      z.object({
        ruleId: z.string(),
        label: z.string().optional(),
        clientId: z.string(),
        fulfilled: z.boolean(),
        unmet: z.array(z.object({ claim: z.string(), expected: z.string(), received: z.string() })),
      }),
    ),
  })
  .openapi('DryRunResult');

export const IssuerPath = z.object({ issuerId: Text });
export const RulePath = z.object({ ruleId: Text });
export const TemplatePath = z.object({ name: Text });
