import { generateKeyPairSync } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import type { CreateClientOptions, PublicJwk } from '../../src/index.ts';
import { claimsFor, requestWithAssertion, signAssertion } from '../assertion.ts';
import { GRANT, lastReason, MCP, OTHER_MCP, registerWithSecret, requestToken } from '../running-server.ts';
import { startServerForFile } from '../server-for-file.ts';

const ACCESS = [{ resource: MCP, scopes: ['deploy:read'] }];

const running = await startServerForFile();

describe('clients', () => {
  const create = async (options: unknown) =>
    await running.server.clients.create(options as CreateClientOptions);

  it('create makes up an id and returns the secret once', async () => {
    const { secret, ...client } = await create({
      label: 'Nightly report',
      authentication: { method: 'secret' },
      access: ACCESS,
    });
    expect(client).toEqual({
      clientId: expect.stringMatching(/^m2m-[0-9a-f]{24}$/),
      label: 'Nightly report',
      state: 'enabled',
      authentication: {
        method: 'secret',
        secrets: [
          {
            id: expect.any(String),
            hint: `${secret?.slice(0, 11)}…`,
            state: 'active',
            createdAt: client.createdAt,
          },
        ],
      },
      grantTypes: ['client_credentials'],
      access: ACCESS,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      updatedAt: client.createdAt,
      revision: expect.any(String),
    });
    const read = await running.server.clients.get(client.clientId);
    expect(read).toEqual(client);
    expect(JSON.stringify(read)).not.toContain(secret);
    expect(running.events.at(-1)).toMatchObject({
      type: 'client_created',
      clientId: client.clientId,
      authenticationMethod: 'secret',
      resources: [MCP],
      actor: 'owner',
    });
  });

  it('create accepts a public key as PEM, named by its thumbprint', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const client = await create({
      clientId: 'by-pem',
      authentication: {
        method: 'private_key_jwt',
        publicKey: publicKey.export({ format: 'pem', type: 'spki' }),
      },
      access: ACCESS,
    });
    expect(client).not.toHaveProperty('secret');
    expect(client.authentication).toEqual({
      method: 'private_key_jwt',
      keys: [
        {
          id: expect.any(String),
          publicKey: {
            kty: 'EC',
            crv: 'P-256',
            x: expect.any(String),
            y: expect.any(String),
            kid: expect.stringMatching(/^[\w-]{43}$/),
            use: 'sig',
          },
          state: 'active',
          createdAt: expect.any(String),
        },
      ],
    });
    const assertion = await signAssertion(privateKey, claimsFor(client, running));
    expect((await requestWithAssertion(running, assertion)).status).toBe(200);
  });

  it('create refuses an id that is taken', async () => {
    await registerWithSecret(running, 'taken');
    await expect(
      create({ clientId: 'taken', authentication: { method: 'secret' }, access: ACCESS }),
    ).rejects.toMatchObject({ name: 'AuthorizationServerError', code: 'client_exists' });
  });

  it('create of the same id in parallel succeeds once', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, async () => await registerWithSecret(running, 'raced')),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it.each([
    [{ clientId: 'a b' }, 'clientId must be'],
    [{ clientId: '' }, 'clientId must be'],
    [{ clientId: 'x'.repeat(129) }, 'clientId must be'],
    [{ clientId: 'a:b' }, 'clientId must be'],
    [{ label: '' }, 'label must be'],
    [{ label: 'x'.repeat(201) }, 'label must be'],
    [{ authentication: undefined }, 'authentication must be'],
    [{ authentication: { method: 'none' } }, 'authentication must be'],
    [{ authentication: { method: 'secret', secret: 'my own' } }, 'unknown option "secret"'],
    [{ access: undefined }, 'access must list'],
    [{ access: [] }, 'access must list'],
    [{ access: [{ resource: 'https://nobody.example.com', scopes: [] }] }, 'not among the server'],
    [{ access: [{ resource: MCP }] }, 'access[0].scopes must be an array'],
    [{ access: [{ resource: MCP, scopes: ['other:read'] }] }, '"other:read" is not a scope'],
    [{ access: [...ACCESS, ...ACCESS] }, 'listed twice'],
    [{ acces: ACCESS }, 'did you mean "access"'],
  ])('create refuses %j', async (change, message) => {
    const creating = create({ authentication: { method: 'secret' }, access: ACCESS, ...change });
    await expect(creating).rejects.toThrow(TypeError);
    await expect(creating).rejects.toThrow(message);
  });

  it('list goes through all clients in pages', async () => {
    const { server } = running;
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await server.clients.list({ limit: 2, ...(after === undefined ? {} : { after }) });
      expect(page.clients.length).toBeLessThanOrEqual(2);
      seen.push(...page.clients.map(({ clientId }) => clientId));
      after = page.nextAfter;
    } while (after !== undefined);
    expect(seen).toEqual([...new Set(seen)].toSorted());
    expect(seen).toEqual((await server.clients.list()).clients.map(({ clientId }) => clientId));
    await expect(server.clients.list({ limit: 0 })).rejects.toThrow('limit must be');
  });

  it('delete takes effect on the next token request, and a new client of that id is another', async () => {
    const secret = await registerWithSecret(running, 'short-lived');
    const ask = async (clientSecret: string) =>
      await requestToken(running, { ...GRANT, client_id: 'short-lived', client_secret: clientSecret });
    expect((await ask(secret)).status).toBe(200);
    expect(await running.server.clients.delete('short-lived')).toBe(true);
    expect(running.events.at(-1)).toMatchObject({ type: 'client_deleted', clientId: 'short-lived' });
    expect((await ask(secret)).status).toBe(401);
    expect(lastReason(running)).toBe('client_unknown');
    expect(await running.server.clients.get('short-lived')).toBeUndefined();
    expect(await running.server.clients.delete('short-lived')).toBe(false);

    const newSecret = await registerWithSecret(running, 'short-lived');
    expect((await ask(secret)).status).toBe(401);
    expect((await ask(newSecret)).status).toBe(200);
  });

  it('keep to each their own: one client’s secret is nothing at another', async () => {
    const first = await registerWithSecret(running, 'first');
    await registerWithSecret(running, 'second', ['deploy:read'], [OTHER_MCP]);
    const answer = await requestToken(running, { ...GRANT, client_id: 'second', client_secret: first });
    expect(answer.status).toBe(401);
  });

  it('that share a key have their own assertions', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (const clientId of ['twin-1', 'twin-2']) {
      await create({
        clientId,
        authentication: {
          method: 'private_key_jwt',
          publicKey: publicKey.export({ format: 'jwk' }) as PublicJwk,
        },
        access: ACCESS,
      });
    }
    const claims = claimsFor({ clientId: 'twin-1' }, running);
    const answer = await requestWithAssertion(running, await signAssertion(privateKey, claims), {
      client_id: 'twin-2',
    });
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
  });
});
