import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { callTool, list, requestToken } from './calls.ts';
import { credentialsChange, tellOfDisabledClient } from './credential-life.ts';
import type { Parties } from './parties.ts';
import { FRAMEWORKS, runWorker, startAuthorizationServer, startMcpServer } from './processes.ts';
import type { Step } from './step.ts';

const SCOPES = ['deploy:read', 'deploy:write', 'deploy:approve'];

/**
 * Tells the whole story on real parts, in separate processes on loopback, a step at a time.
 *
 * @param folder - a temporary folder for the database and the worker's key
 */
export async function* tellStory(folder: string): AsyncGenerator<Step> {
  const authorizationServer = await startAuthorizationServer(
    path.join(folder, 'authorization-server.sqlite'),
  );
  const servers = await Promise.all(
    FRAMEWORKS.map(async (framework) => ({
      framework,
      resource: await startMcpServer(framework, authorizationServer.issuer),
    })),
  );
  const resource = servers[0]?.resource ?? '';
  const otherResource = new URL('/another-server', resource).href;
  await authorizationServer.ask({
    type: 'start',
    resources: [
      ...servers.map((server) => ({ resource: server.resource, scopes: SCOPES })),
      { resource: otherResource, scopes: ['deploy:read'] },
    ],
  });
  const discoverable = await Promise.all(
    servers.map((server) => isDiscoverable(server.resource, authorizationServer.issuer)),
  );
  yield {
    step: 'Authorization server and MCP servers start',
    expected: 'all listen on loopback, and name each other',
    happened: `${authorizationServer.issuer} issues tokens; the same tools run on ${servers.map((server) => `${server.framework} (port ${new URL(server.resource).port})`).join(', ')}`,
    asExpected: discoverable.every(Boolean),
  };

  const parties = { authorizationServer, servers, resource, otherResource };
  yield* workersRun(parties, folder);
  const disabled = yield* credentialsChange(parties);
  yield* refusalsExplainThemselves(parties);
  yield await tellOfDisabledClient(parties, disabled);
}

/** Whether the MCP server names the authorization server, and that one answers. */
async function isDiscoverable(resource: string, issuer: string): Promise<boolean> {
  const { origin, pathname } = new URL(resource);
  const metadata = await fetch(`${origin}/.well-known/oauth-protected-resource${pathname}`);
  const { authorization_servers: named } = (await metadata.json()) as { authorization_servers?: unknown };
  const server = await fetch(`${issuer}/.well-known/oauth-authorization-server`);
  return Array.isArray(named) && named.includes(issuer) && server.ok;
}

async function* workersRun({ authorizationServer, servers }: Parties, folder: string): AsyncGenerator<Step> {
  const access = servers.map(({ resource }) => ({ resource, scopes: ['deploy:read', 'deploy:write'] }));
  const keys = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const { publicKey } = keys;
  const keyFile = path.join(folder, 'worker.pem');
  await writeFile(keyFile, keys.privateKey, { mode: 0o600 });
  const { clientSecret } = await authorizationServer.ask({
    type: 'register',
    client: { clientId: 'worker-with-secret', access },
  });
  await authorizationServer.ask({
    type: 'register',
    client: { clientId: 'worker-with-key', access, publicKey },
  });
  yield {
    step: 'An administrator registers two machines',
    expected: 'one gets a secret, one brings a public key',
    happened: clientSecret === undefined ? 'no secret was issued' : 'one secret issued, one key accepted',
    asExpected: clientSecret !== undefined,
  };

  const credentials = {
    'a secret': { CLIENT_ID: 'worker-with-secret', CLIENT_SECRET: clientSecret ?? '' },
    'a signed assertion': { CLIENT_ID: 'worker-with-key', CLIENT_PRIVATE_KEY_FILE: keyFile },
  };
  for (const [index, { framework, resource }] of servers.entries()) {
    // With a key everywhere; with a secret too where the story begins.
    const chosen = Object.entries(credentials).filter(([means]) => index === 0 || means !== 'a secret');
    for (const [means, credential] of chosen) {
      const { exitCode, output } = await runWorker({
        MCP_SERVER_URL: resource,
        AUTHORIZATION_SERVER: authorizationServer.issuer,
        ...credential,
      });
      yield {
        step: `The worker calls tools on ${framework}, with ${means}`,
        expected: 'list_deployments and start_deployment answer',
        happened: output.split('\n').at(-1) ?? '',
        asExpected:
          exitCode === 0 &&
          output.includes('#1 web to production') &&
          output.includes(`started by ${credential.CLIENT_ID}`),
      };
    }
  }
}

async function* refusalsExplainThemselves(parties: Parties): AsyncGenerator<Step> {
  const { authorizationServer, resource, otherResource } = parties;
  const { issuer } = authorizationServer;
  const { clientSecret = '' } = await authorizationServer.ask({
    type: 'register',
    client: {
      clientId: 'reader',
      access: [
        ...parties.servers.map((server) => ({ resource: server.resource, scopes: ['deploy:read'] })),
        { resource: otherResource, scopes: ['deploy:read'] },
      ],
    },
  });
  const tokenFor = (audience: string): Promise<string> =>
    requestToken(issuer, 'reader', clientSecret, audience);

  const withoutToken = await list(resource);
  yield {
    step: 'No token',
    expected: '401, no error code, where to get one',
    happened: withoutToken.words,
    asExpected:
      withoutToken.status === 401 &&
      !withoutToken.challenge.includes('error=') &&
      withoutToken.challenge.includes('resource_metadata='),
  };

  const foreign = await list(resource, await tokenFor(otherResource));
  yield {
    step: 'A token for another resource',
    expected: '401 invalid_token',
    happened: foreign.words,
    asExpected: foreign.status === 401 && foreign.challenge.includes('error="invalid_token"'),
  };

  await authorizationServer.ask({ type: 'shift_clock', seconds: -3600 });
  const expiredToken = await tokenFor(resource);
  await authorizationServer.ask({ type: 'shift_clock', seconds: 0 });
  const expired = await list(resource, expiredToken);
  yield {
    step: 'A token issued an hour ago',
    expected: '401 invalid_token, expired',
    happened: expired.words,
    asExpected: expired.status === 401 && expired.words.includes('expired'),
  };

  const tooLittle = await callTool({ issuer, resource }, clientSecret, 'start_deployment', {
    service: 'web',
    environment: 'staging',
  });
  yield {
    step: 'A scope too little: a reader at start_deployment',
    expected: '403 insufficient_scope naming deploy:write',
    happened: tooLittle,
    asExpected: tooLittle.startsWith('403 insufficient_scope') && tooLittle.includes('deploy:write'),
  };

  const forPeople = await Promise.all(
    parties.servers.map((server) =>
      callTool({ issuer, resource: server.resource }, clientSecret, 'approve_production', { id: 1 }),
    ),
  );
  const [words = ''] = forPeople;
  yield {
    step: 'A machine at approve_production, on every framework',
    expected: '403, in words: a person is needed; the same words everywhere',
    happened: words,
    asExpected:
      words.startsWith('403') &&
      words.includes('needs a person') &&
      forPeople.every((others) => others === words),
  };

  const wrongSecret = await callTool({ issuer, resource }, `${clientSecret}x`, 'list_deployments', {});
  yield {
    step: 'A wrong secret',
    expected: 'the client says what is wrong, and with which server',
    happened: wrongSecret,
    asExpected:
      wrongSecret.includes('invalid_client') &&
      wrongSecret.includes(issuer) &&
      !wrongSecret.includes(clientSecret),
  };
}
