import { expect, it } from 'vitest';

import { MCP, OTHER_MCP, basic, requestToken, startServer } from '../running-server.ts';
import {
  ACCESS_TOKEN,
  bear,
  claimsOf,
  JWT_BEARER,
  startIssuer,
  TOKEN_EXCHANGE,
  trustIssuer,
  workloadToken,
} from './scene.ts';

it('a client that an identity provider let act for somebody at one resource does not take that person to another', async () => {
  const running = await startServer();
  const idp = await startIssuer();
  await trustIssuer(running, idp, 'id-jag');
  const { secret = '' } = await running.server.clients.create({
    clientId: 'agent',
    authentication: { method: 'secret' },
    grantTypes: [JWT_BEARER, TOKEN_EXCHANGE],
    access: [
      { resource: MCP, scopes: ['deploy:read', 'deploy:write'] },
      { resource: OTHER_MCP, scopes: ['other:read'] },
    ],
  });
  const jag = workloadToken(
    idp,
    running,
    { sub: 'alice', client_id: 'agent', jti: 'x', resource: MCP, scope: 'deploy:read deploy:write' },
    { typ: 'oauth-id-jag+jwt' },
  );
  const issued = await bear(running, jag, {}, basic('agent', secret));
  const subject = { subject_token: String(issued.body['access_token']), subject_token_type: ACCESS_TOKEN };
  const exchange = async (parameters: Record<string, string>) =>
    await requestToken(
      running,
      { grant_type: TOKEN_EXCHANGE, ...subject, ...parameters },
      basic('agent', secret),
    );
  expect(claimsOf(await exchange({ scope: 'deploy:read' }))).toMatchObject({
    aud: MCP,
    scope: 'deploy:read',
  });
  expect(await exchange({ resource: OTHER_MCP })).toMatchObject({
    status: 400,
    body: { error: 'invalid_target' },
  });
  await running.stop();
});
