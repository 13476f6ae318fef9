import { startScene } from 'broken-connections';
import { expect, it } from 'vitest';

import { diagnose, formatTree } from '../src/index.ts';
import { optionsOf } from './options-of.ts';

it('an audience that is right for the provider and for the server is a warning at its step, and no verdict', async () => {
  await using connection = await startScene({
    authority: { path: '/oauth2/default' },
    protection: ({ authority }) => ({
      authorizationServers: [
        { issuer: authority.issuer, profile: 'okta', audience: { anyOf: ['api://default'] } },
      ],
    }),
    prepare: ({ authority }) => {
      const shape = { audience: 'api://default', clientId: 'nightly-report', scopes: ['deploy:read'] };
      authority.endpoints.token.answerWith({
        json: { access_token: authority.mintAs('okta', {}, shape), token_type: 'Bearer', expires_in: 300 },
      });
    },
  });
  const diagnosis = await diagnose(optionsOf(connection.settings));
  expect(diagnosis.outcome, formatTree(diagnosis, { verbose: true })).toBe('healthy');
  expect(diagnosis.steps.find(({ name }) => name === 'token')?.findings).toMatchObject([
    { code: 'audience_differs' },
  ]);
  expect(diagnosis.verdict).toBeUndefined();
});
