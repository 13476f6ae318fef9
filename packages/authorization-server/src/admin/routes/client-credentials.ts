import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';

import type { AdminDomain } from '../admin-domain.ts';
import type { AdminEnvironment } from '../admin-environment.ts';
import { answer, answerDone, answering, answeringNothing, body } from '../answers.ts';
import { defined } from '../defined.ts';
import { ifRevision } from '../revision.ts';
import {
  AddKey,
  ClientKey,
  ClientPath,
  ClientSecret,
  CreatedSecret,
  CreateSecret,
  KeyPath,
  RotationReadiness,
  SecretPath,
  StartRotation,
  UpdateKey,
} from '../schemas/clients.ts';
import { IdempotencyKey, IfMatch } from '../schemas/request-headers.ts';

const changing = IfMatch.extend(IdempotencyKey.shape);

/** Secrets and public keys of clients, and the rotation of secrets. */
export function addClientCredentialRoutes(app: OpenAPIHono<AdminEnvironment>, domain: AdminDomain): void {
  addSecretRoutes(app, domain);
  addRotationRoutes(app, domain);
  addKeyRoutes(app, domain);
}

function addSecretRoutes(app: OpenAPIHono<AdminEnvironment>, { clients: { secrets } }: AdminDomain): void {
  const tags = ['Secrets'];
  app.openapi(
    createRoute({
      method: 'get',
      path: '/clients/{clientId}/secrets',
      operationId: 'listSecrets',
      summary: 'List the secrets of a client, by hint and state',
      tags,
      request: { params: ClientPath },
      responses: answering(z.object({ secrets: z.array(ClientSecret) }).openapi('SecretList'), 'The secrets'),
    }),
    async (c) => answer(c, { secrets: await secrets.list(c.req.valid('param').clientId) }),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/clients/{clientId}/secrets',
      operationId: 'createSecret',
      summary: 'Add a secret; the others stay valid',
      tags,
      request: { params: ClientPath, headers: changing, body: body(CreateSecret) },
      responses: answering(CreatedSecret, 'The secret, this once', 201),
    }),
    async (c) => {
      const options = { ...defined(c.req.valid('json')), ...ifRevision(c) };
      const created = await secrets.create(c.req.valid('param').clientId, options, c.get('administrator'));
      return answer(c, { ...created, secret: created.secret }, 201);
    },
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/clients/{clientId}/secrets/{secretId}',
      operationId: 'deleteSecret',
      summary: 'Delete a secret',
      tags,
      request: { params: SecretPath, headers: IfMatch },
      responses: answeringNothing,
    }),
    async (c) => {
      const { clientId, secretId } = c.req.valid('param');
      await secrets.delete(clientId, secretId, ifRevision(c), c.get('administrator'));
      return answerDone(c);
    },
  );
}

function addRotationRoutes(app: OpenAPIHono<AdminEnvironment>, { clients: { rotation } }: AdminDomain): void {
  const tags = ['Rotation'];
  app.openapi(
    createRoute({
      method: 'get',
      path: '/clients/{clientId}/rotation',
      operationId: 'getRotation',
      summary: 'See whether the old secret is still in use, and what to do',
      tags,
      request: { params: ClientPath },
      responses: answering(RotationReadiness, 'How far the rotation has come'),
    }),
    async (c) => answer(c, await rotation.readiness(c.req.valid('param').clientId)),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/clients/{clientId}/rotation',
      operationId: 'startRotation',
      summary: 'Start: a new secret, and a date on which the old one ends; both are valid until then',
      tags,
      request: { params: ClientPath, headers: changing, body: body(StartRotation) },
      responses: answering(CreatedSecret, 'The new secret, this once', 201),
    }),
    async (c) => {
      const options = { ...defined(c.req.valid('json')), ...ifRevision(c) } as never;
      const created = await rotation.start(c.req.valid('param').clientId, options, c.get('administrator'));
      return answer(c, { ...created, secret: created.secret }, 201);
    },
  );
  for (const [action, summary] of [
    ['finish', 'Finish: the old secrets are removed now'],
    ['cancel', 'Cancel: the new secret is removed, the old ones are as they were'],
  ] as const) {
    app.openapi(
      createRoute({
        method: 'post',
        path: `/clients/{clientId}/rotation/${action}`,
        operationId: `${action}Rotation`,
        summary,
        tags,
        request: { params: ClientPath, headers: changing },
        responses: answeringNothing,
      }),
      async (c) => {
        await rotation[action](c.req.valid('param').clientId, ifRevision(c), c.get('administrator'));
        return answerDone(c);
      },
    );
  }
}

function addKeyRoutes(app: OpenAPIHono<AdminEnvironment>, { clients: { keys } }: AdminDomain): void {
  const tags = ['Client keys'];
  app.openapi(
    createRoute({
      method: 'get',
      path: '/clients/{clientId}/keys',
      operationId: 'listClientKeys',
      summary: 'List the registered public keys of a client',
      tags,
      request: { params: ClientPath },
      responses: answering(z.object({ keys: z.array(ClientKey) }).openapi('ClientKeyList'), 'The keys'),
    }),
    async (c) => answer(c, { keys: await keys.list(c.req.valid('param').clientId) }),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/clients/{clientId}/keys',
      operationId: 'addClientKey',
      summary: 'Register a public key; the others stay valid',
      tags,
      request: { params: ClientPath, headers: changing, body: body(AddKey) },
      responses: answering(ClientKey, 'The key', 201),
    }),
    async (c) => {
      const options = { ...defined(c.req.valid('json')), ...ifRevision(c) } as never;
      return answer(c, await keys.add(c.req.valid('param').clientId, options, c.get('administrator')), 201);
    },
  );
  app.openapi(
    createRoute({
      method: 'patch',
      path: '/clients/{clientId}/keys/{keyId}',
      operationId: 'updateClientKey',
      summary: 'Set when a key ends',
      tags,
      request: { params: KeyPath, headers: IfMatch, body: body(UpdateKey) },
      responses: answeringNothing,
    }),
    async (c) => {
      const { clientId, keyId } = c.req.valid('param');
      const options = { ...c.req.valid('json'), ...ifRevision(c) };
      await keys.update(clientId, keyId, options, c.get('administrator'));
      return answerDone(c);
    },
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/clients/{clientId}/keys/{keyId}',
      operationId: 'removeClientKey',
      summary: 'Remove a key',
      tags,
      request: { params: KeyPath, headers: IfMatch },
      responses: answeringNothing,
    }),
    async (c) => {
      const { clientId, keyId } = c.req.valid('param');
      await keys.remove(clientId, keyId, ifRevision(c), c.get('administrator'));
      return answerDone(c);
    },
  );
}
