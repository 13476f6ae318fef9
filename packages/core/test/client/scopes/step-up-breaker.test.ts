import { describe, expect, it } from 'vitest';
import { authorizedFetch, createTokenSource } from '../../../src/client/index.ts';
import { formatChallenge } from '../../../src/www-authenticate.ts';
import { createScene, requestedScopes, type Scene } from '../scene.ts';

let demands = 0;

/** Has every call refused with a demand for a scope that was never named before. */
function demandFreshScopes(scene: Scene, status: 401 | 403): void {
  scene.answer = () => ({
    status,
    headers: {
      'www-authenticate': formatChallenge('Bearer', {
        error: status === 403 ? 'insufficient_scope' : 'invalid_token',
        scope: `fresh:${demands++}:${'x'.repeat(200)}`,
      }),
    },
  });
}

const causes = (scene: Scene) =>
  scene.events.flatMap((event) => (event.type === 'step_up_declined' ? [event.cause] : []));

describe('a server that demands another scope each time', () => {
  it.each([
    ['grants', undefined],
    ['refuses', ['deploy:read']],
  ])(
    'costs ten token requests, then one a minute, where the authorization server %s it',
    async (_, scopes) => {
      const scene = await createScene({ ...(scopes && { clientScopes: scopes }) });
      const fetch = authorizedFetch(createTokenSource(scene.options));
      demandFreshScopes(scene, 403);
      for (let call = 0; call < 100; call++) expect((await fetch(scene.resource)).status).toBe(403);
      expect(requestedScopes(scene)).toHaveLength(11);
      expect(causes(scene).at(-1)).toBe('suspended');
      scene.authority.advanceSeconds(60);
      for (let call = 0; call < 5; call++) await fetch(scene.resource);
      expect(requestedScopes(scene)).toHaveLength(12);
    },
  );

  it.each([
    [403, 'too_many_scopes'],
    [401, undefined],
  ] as const)('with %i does not make the scope parameter grow for ever', async (status, declined) => {
    const scene = await createScene({ accessTokenLifetimeSeconds: 360_000 });
    const fetch = authorizedFetch(createTokenSource(scene.options));
    for (let round = 0; round < 100; round++) {
      demandFreshScopes(scene, status);
      await fetch(scene.resource);
      scene.answer = () => undefined;
      await fetch(scene.resource);
      scene.authority.advanceSeconds(60);
    }
    const lengths = requestedScopes(scene).map((scope) => scope?.length ?? 0);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(8192);
    expect(causes(scene).at(-1)).toBe(declined);
  });
});

it('ten step-ups at once are allowed, for as many tools with scopes of their own', async () => {
  const scene = await createScene();
  const fetch = authorizedFetch(createTokenSource(scene.options));
  for (let tool = 0; tool < 10; tool++) {
    expect((await fetch(`${scene.resource}/tool:${tool}`)).status).toBe(200);
  }
  expect((await fetch(`${scene.resource}/tool:10`)).status).toBe(403);
  scene.authority.advanceSeconds(60);
  expect((await fetch(`${scene.resource}/tool:10`)).status).toBe(200);
});
