import { clientCredentialsCapabilities, OAUTH_CLIENT_CREDENTIALS_EXTENSION } from '@mcp-m2m/core';
import {
  Client,
  InsufficientScopeError,
  SdkHttpError,
  StreamableHTTPClientTransport,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type CreateListener, type RunningApp } from './running-app.ts';

function fetchWith(token: string) {
  return (url: string | URL, init?: RequestInit) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${token}`);
    return fetch(url, { ...init, headers });
  };
}

/** How each revision is chosen. */
const REVISIONS = { '2025-11-25': 'legacy', '2026-07-28': { pin: '2026-07-28' } } as const;

/**
 * Tells the story of the deploy desk to one sample: real clients of both SDK lines, over HTTP.
 *
 * @param revisions - of the protocol, that the sample's SDK serves
 */
export function describeDeployDesk(
  createListener: CreateListener,
  revisions: readonly (keyof typeof REVISIONS)[] = ['2025-11-25', '2026-07-28'],
): void {
  let app: RunningApp;

  beforeAll(async () => {
    app = await startApp(createListener);
  });

  afterAll(() => app[Symbol.asyncDispose]());

  const connect = async (token: string, mode: VersionNegotiationMode): Promise<Client> => {
    const client = new Client(
      { name: 'test', version: '1.0.0' },
      { capabilities: { ...clientCredentialsCapabilities() }, versionNegotiation: { mode } },
    );
    await client.connect(
      new StreamableHTTPClientTransport(new URL(app.resource), { fetch: fetchWith(token) }),
    );
    return client;
  };

  describe.each(revisions.map((revision) => [revision, REVISIONS[revision]] as const))(
    'the deploy desk in revision %s',
    (revision, mode) => {
      it('advertises the client-credentials extension', async () => {
        const client = await connect(app.authority.mint({ scope: 'deploy:read' }), mode);
        expect(client.getNegotiatedProtocolVersion()).toBe(revision);
        expect(client.getServerCapabilities()?.extensions).toEqual({
          [OAUTH_CLIENT_CREDENTIALS_EXTENSION]: {},
        });
        await client.close();
      });

      it('lists deployments for a reader and refuses it a start, naming every scope', async () => {
        const client = await connect(app.authority.mint({ scope: 'deploy:read' }), mode);
        const { content } = await client.callTool({ name: 'list_deployments', arguments: {} });
        expect(content[0]).toMatchObject({
          type: 'text',
          text: expect.stringContaining('#1 web to production'),
        });
        const refusal = await client
          .callTool({ name: 'start_deployment', arguments: { service: 'web', environment: 'staging' } })
          .catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(InsufficientScopeError);
        expect(refusal).toMatchObject({ requiredScope: 'deploy:read deploy:write' });
        await client.close();
      });

      it('starts a deployment in the name of the client', async () => {
        const client = await connect(app.authority.mint({ scope: 'deploy:read deploy:write' }), mode);
        const call = { name: 'start_deployment', arguments: { service: 'web', environment: 'production' } };
        const { content } = await client.callTool(call);
        expect(content).toEqual([
          { type: 'text', text: expect.stringMatching(/awaiting approval, started by test-client$/) },
        ]);
        await client.close();
      });

      it('tells a machine in words that approving needs a person, whatever its scopes', async () => {
        const client = await connect(app.authority.mint({ scope: 'deploy:read deploy:approve' }), mode);
        const refusal = await client
          .callTool({ name: 'approve_production', arguments: { id: 1 } })
          .catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(SdkHttpError);
        const { status, text } = (refusal as SdkHttpError).data;
        expect(status).toBe(403);
        expect(JSON.parse(String(text))).toMatchObject({
          error: {
            code: 40300,
            message: expect.stringContaining('needs a person'),
            data: { reason: 'user_required', grants: expect.arrayContaining(['authorization_code']) },
          },
        });
        await client.close();
      });

      it('lets a person approve', async () => {
        const writer = await connect(app.authority.mint({ scope: 'deploy:read deploy:write' }), mode);
        const started = await writer.callTool({
          name: 'start_deployment',
          arguments: { service: 'api', environment: 'production' },
        });
        const id = Number(/#(\d+)/.exec(JSON.stringify(started.content))?.[1]);
        await writer.close();
        const person = await connect(
          app.authority.mint({ sub: 'ada', scope: 'deploy:read deploy:approve' }),
          mode,
        );
        const { content } = await person.callTool({ name: 'approve_production', arguments: { id } });
        expect(content).toEqual([{ type: 'text', text: expect.stringContaining('Approved by') }]);
        await person.close();
      });
    },
  );

  describe('the deploy desk', () => {
    it('serves the v1 line of the official client', async () => {
      const client = new ClientV1({ name: 'test', version: '1.0.0' }, { capabilities: {} });
      const token = app.authority.mint({ scope: 'deploy:read' });
      const transport = new TransportV1(new URL(app.resource), { fetch: fetchWith(token) });
      await client.connect(transport);
      expect(client.getServerCapabilities()).toMatchObject({
        extensions: { [OAUTH_CLIENT_CREDENTIALS_EXTENSION]: {} },
      });
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual([
        'list_deployments',
        'start_deployment',
        'approve_production',
      ]);
      await client.close();
    });

    it('publishes what it enforces', async () => {
      const { origin } = new URL(app.resource);
      const response = await fetch(`${origin}/.well-known/oauth-protected-resource/mcp`);
      expect(await response.json()).toMatchObject({
        resource: app.resource,
        authorization_servers: [app.authority.issuer],
        scopes_supported: ['deploy:approve', 'deploy:read', 'deploy:write'],
        resource_name: 'Deploy desk',
      });
    });
  });
}
