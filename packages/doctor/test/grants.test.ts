import {
  clientSecretBasic,
  jwtBearer,
  noClientAuthentication,
  selfSignedAssertion,
  tokenExchange,
} from '@mcp-m2m/core/client';
import { createSigningKey } from '@mcp-m2m/testing';
import { startOwnScene } from 'broken-connections';
import { expect, it } from 'vitest';

import { diagnose, formatTree, type Diagnosis } from '../src/index.ts';

function requestOf({ steps }: Diagnosis): string | undefined {
  return steps.find(({ name }) => name === 'token_request')?.sent;
}

it('the jwt-bearer grant is walked with an assertion that the client signs', async () => {
  const key = await createSigningKey();
  await using connection = await startOwnScene(async ({ server, url }) => {
    await server.clients.create({
      clientId: 'nightly-report',
      authentication: { method: 'private_key_jwt', publicKey: key.publicJwk as never },
      access: [{ resource: url, scopes: ['deploy:read'] }],
      grantTypes: ['urn:ietf:params:oauth:grant-type:jwt-bearer'],
    });
    return {};
  });
  const { url, issuer = '' } = connection.settings;
  const diagnosis = await diagnose({
    url,
    issuer,
    clientId: 'nightly-report',
    authentication: noClientAuthentication(),
    grant: jwtBearer({ assertion: selfSignedAssertion({ key: key.privateKey, algorithm: 'ES256' }) }),
  });
  expect(diagnosis.outcome, formatTree(diagnosis)).toBe('healthy');
  expect(requestOf(diagnosis)).toContain('grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer');
  expect(requestOf(diagnosis)).toContain('assertion=…');
});

it('token exchange is walked, and the token that is handed in is shown nowhere', async () => {
  let clientSecret = '';
  await using connection = await startOwnScene(async ({ server, url }) => {
    const client = await server.clients.create({
      clientId: 'nightly-report',
      authentication: { method: 'secret' },
      access: [{ resource: url, scopes: ['deploy:read'] }],
      grantTypes: ['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange'],
    });
    clientSecret = client.secret ?? '';
    return {};
  });
  const { url, issuer = '' } = connection.settings;
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`nightly-report:${clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: url }),
  });
  const { access_token: subjectToken } = (await answer.json()) as { access_token: string };
  const common = {
    url,
    issuer,
    clientId: 'nightly-report',
    authentication: clientSecretBasic({ clientSecret }),
  };
  const diagnosis = await diagnose({ ...common, grant: tokenExchange({ subjectToken }) });
  expect(diagnosis.outcome, formatTree(diagnosis)).toBe('healthy');
  expect(requestOf(diagnosis)).toContain('subject_token=…');
  expect(JSON.stringify(diagnosis)).not.toContain(subjectToken);

  const tampered = `${subjectToken.slice(0, -8)}AAAAAAAA`;
  const refused = await diagnose({ ...common, grant: tokenExchange({ subjectToken: tampered }) });
  expect(refused.verdict?.code, formatTree(refused)).toMatch(/^(?:assertion|request)_refused$/);
  expect(JSON.stringify(refused)).not.toContain(tampered);
});

it('parameters of the password grant are recognised, and sent nowhere', async () => {
  await using connection = await startOwnScene(async ({ server, url }) => {
    const { secret: clientSecret = '' } = await server.clients.create({
      clientId: 'nightly-report',
      authentication: { method: 'secret' },
      access: [{ resource: url, scopes: ['deploy:read'] }],
    });
    return { clientSecret, tokenParameters: { username: 'alice', password: 'correct horse battery' } };
  });
  const { url, issuer = '', clientSecret = '', tokenParameters = {} } = connection.settings;
  const diagnosis = await diagnose({
    url,
    issuer,
    tokenParameters,
    clientId: 'nightly-report',
    authentication: clientSecretBasic({ clientSecret }),
  });
  expect(diagnosis.verdict?.code).toBe('password_grant');
  expect(JSON.stringify(diagnosis)).not.toContain('correct horse');
});
