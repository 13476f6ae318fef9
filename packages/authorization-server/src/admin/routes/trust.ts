import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';

import type { AdminDomain } from '../admin-domain.ts';
import type { AdminEnvironment } from '../admin-environment.ts';
import { answer, answerDone, answering, answeringNothing, answerMissing, body } from '../answers.ts';
import { defined } from '../defined.ts';
import { ifRevision } from '../revision.ts';
import { IdempotencyKey, IfMatch } from '../schemas/request-headers.ts';
import {
  CreateTrustedIssuer,
  CreateTrustRule,
  DryRun,
  DryRunResult,
  FilledTemplate,
  FillTemplate,
  IssuerPath,
  ListTrustRules,
  RulePath,
  TemplatePath,
  TrustedIssuer,
  TrustRule,
  TrustTemplate,
  UpdateTrustedIssuer,
  UpdateTrustRule,
} from '../schemas/trust.ts';

const tags = ['Trust'];

/** Whose JWTs are accepted as grants, and for which clients. */
export function addTrustRoutes(app: OpenAPIHono<AdminEnvironment>, domain: AdminDomain): void {
  addIssuerRoutes(app, domain);
  addRuleRoutes(app, domain);
  addTemplateRoutes(app, domain);
}

function addIssuerRoutes(app: OpenAPIHono<AdminEnvironment>, { trust: { issuers } }: AdminDomain): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/trust/issuers',
      operationId: 'listTrustedIssuers',
      summary: 'List trusted issuers',
      tags,
      responses: answering(
        z.object({ issuers: z.array(TrustedIssuer) }).openapi('TrustedIssuerList'),
        'The issuers',
      ),
    }),
    async (c) => answer(c, { issuers: await issuers.list() }),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/trust/issuers',
      operationId: 'createTrustedIssuer',
      summary: 'Trust an issuer',
      tags,
      request: { headers: IdempotencyKey, body: body(CreateTrustedIssuer) },
      responses: answering(TrustedIssuer, 'The issuer', 201),
    }),
    async (c) => {
      const created = await issuers.create(withoutNull(c.req.valid('json')) as never, c.get('administrator'));
      return answer(c, created, 201, `trust/issuers/${created.id}`);
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/trust/issuers/{issuerId}',
      operationId: 'getTrustedIssuer',
      summary: 'Read a trusted issuer',
      tags,
      request: { params: IssuerPath },
      responses: answering(TrustedIssuer, 'The issuer'),
    }),
    async (c) => {
      const found = await issuers.get(c.req.valid('param').issuerId);
      return found === undefined ? answerMissing(c, 'trusted issuer') : answer(c, found);
    },
  );
  app.openapi(
    createRoute({
      method: 'patch',
      path: '/trust/issuers/{issuerId}',
      operationId: 'updateTrustedIssuer',
      summary: 'Change a trusted issuer',
      tags,
      request: { params: IssuerPath, headers: IfMatch, body: body(UpdateTrustedIssuer) },
      responses: answering(TrustedIssuer, 'The issuer as it is now'),
    }),
    async (c) => {
      const changes = { ...defined(c.req.valid('json')), ...ifRevision(c) } as never;
      return answer(c, await issuers.update(c.req.valid('param').issuerId, changes, c.get('administrator')));
    },
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/trust/issuers/{issuerId}',
      operationId: 'deleteTrustedIssuer',
      summary: 'Trust an issuer no longer; its rules are deleted as well',
      tags,
      request: { params: IssuerPath, headers: IfMatch },
      responses: answeringNothing,
    }),
    async (c) => {
      const { issuerId } = c.req.valid('param');
      const deleted = await issuers.delete(issuerId, ifRevision(c), c.get('administrator'));
      return deleted ? answerDone(c) : answerMissing(c, 'trusted issuer');
    },
  );
}

function addRuleRoutes(app: OpenAPIHono<AdminEnvironment>, { trust: { rules } }: AdminDomain): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/trust/rules',
      operationId: 'listTrustRules',
      summary: 'List the rules by which tokens of trusted issuers stand for clients',
      tags,
      request: { query: ListTrustRules },
      responses: answering(z.object({ rules: z.array(TrustRule) }).openapi('TrustRuleList'), 'The rules'),
    }),
    async (c) => answer(c, { rules: await rules.list(defined(c.req.valid('query'))) }),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/trust/rules',
      operationId: 'createTrustRule',
      summary: 'Create a rule',
      tags,
      request: { headers: IdempotencyKey, body: body(CreateTrustRule) },
      responses: answering(TrustRule, 'The rule', 201),
    }),
    async (c) => {
      const created = await rules.create(defined(c.req.valid('json')) as never, c.get('administrator'));
      return answer(c, created, 201, `trust/rules/${created.id}`);
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/trust/rules/{ruleId}',
      operationId: 'getTrustRule',
      summary: 'Read a rule',
      tags,
      request: { params: RulePath },
      responses: answering(TrustRule, 'The rule'),
    }),
    async (c) => {
      const found = await rules.get(c.req.valid('param').ruleId);
      return found === undefined ? answerMissing(c, 'trust rule') : answer(c, found);
    },
  );
  app.openapi(
    createRoute({
      method: 'patch',
      path: '/trust/rules/{ruleId}',
      operationId: 'updateTrustRule',
      summary: 'Change a rule',
      tags,
      request: { params: RulePath, headers: IfMatch, body: body(UpdateTrustRule) },
      responses: answering(TrustRule, 'The rule as it is now'),
    }),
    async (c) => {
      const changes = { ...defined(c.req.valid('json')), ...ifRevision(c) } as never;
      return answer(c, await rules.update(c.req.valid('param').ruleId, changes, c.get('administrator')));
    },
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/trust/rules/{ruleId}',
      operationId: 'deleteTrustRule',
      summary: 'Delete a rule',
      tags,
      request: { params: RulePath, headers: IfMatch },
      responses: answeringNothing,
    }),
    async (c) => {
      const { ruleId } = c.req.valid('param');
      const deleted = await rules.delete(ruleId, ifRevision(c), c.get('administrator'));
      return deleted ? answerDone(c) : answerMissing(c, 'trust rule');
    },
  );
}

function addTemplateRoutes(app: OpenAPIHono<AdminEnvironment>, { trust }: AdminDomain): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/trust/templates',
      operationId: 'listTrustTemplates',
      summary: 'List templates for issuers that people have',
      tags,
      responses: answering(
        z.object({ templates: z.array(TrustTemplate) }).openapi('TrustTemplateList'),
        'The templates',
      ),
    }),
    async (c) => answer(c, { templates: trust.templates }),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/trust/templates/{name}',
      operationId: 'fillTrustTemplate',
      summary: 'See what issuer and conditions a template stands for; changes nothing',
      tags,
      request: { params: TemplatePath, body: body(FillTemplate) },
      responses: answering(FilledTemplate, 'Issuer and conditions'),
    }),
    async (c) => answer(c, trust.fillTemplate(c.req.valid('param').name, c.req.valid('json').values)),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/trust/dry-run',
      operationId: 'dryRunTrust',
      summary: 'Say step by step whether a pasted token would be accepted; issues nothing',
      tags,
      request: { body: body(DryRun) },
      responses: answering(DryRunResult, 'What became of each step'),
    }),
    async (c) => answer(c, await trust.dryRun(c.req.valid('json'))),
  );
}

/** Nothing is there yet that `null` could take away. */
function withoutNull(value: object): object {
  return Object.fromEntries(
    Object.entries(value).filter(([, member]) => member !== null && member !== undefined),
  );
}
