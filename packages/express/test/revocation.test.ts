import { describe, expect, it } from 'vitest';
import { ask, expectServed } from './asking.ts';
import { expectRevoked, expectUntold, scene, setUpStatusLists, start } from './status-list-app.ts';

setUpStatusLists();

describe('isRevoked', () => {
  it('sees what identifies the token, and nothing that could be replayed', async () => {
    const seen: unknown[] = [];
    const isRevoked = (subject: unknown): boolean => {
      seen.push(subject);
      return false;
    };
    await using app = await start({ isRevoked });
    const token = scene.authority.mint({ sub: 'alice', client_id: 'web', jti: 'j1' });
    await expectServed(app, token);
    const iat = Math.floor(scene.authority.now() / 1000);
    expect(seen).toEqual([
      {
        issuer: scene.authority.issuer,
        jti: 'j1',
        clientId: 'web',
        subject: 'alice',
        issuedAt: iat,
        expiresAt: iat + 300,
        claims: expect.objectContaining({ scope: 'deploy:read' }),
      },
    ]);
    expect(JSON.stringify(seen)).not.toContain(token.split('.')[2]);
  });

  it('is asked on every request, for a token that is already verified too', async () => {
    const revoked = new Set<string | undefined>();
    let asked = 0;
    const isRevoked = ({ jti }: { jti: string | undefined }): boolean => {
      asked++;
      return revoked.has(jti);
    };
    await using app = await start({ isRevoked });
    const token = scene.authority.mint({ jti: 'j1' });
    for (let index = 0; index < 3; index++) await expectServed(app, token);
    expect(asked).toBe(3);
    revoked.add('j1');
    await expectRevoked(app, token);
    revoked.clear();
    await expectServed(app, token);
    expect(scene.authority.endpoints.jwks.requests).toHaveLength(1);
  });

  it.each<readonly [string, () => unknown]>([
    ['true', () => true],
    ['a promise of true', () => Promise.resolve(true)],
    // oxlint-disable-next-line unicorn/no-thenable -- what other promise libraries return
    ['another library’s promise of true', () => ({ then: (done: (value: boolean) => void) => done(true) })],
  ])('refuses the token with %s', async (_, isRevoked) => {
    await using app = await start({ isRevoked: isRevoked as () => boolean });
    await expectRevoked(app, scene.authority.mint());
  });

  it.each<readonly [string, () => unknown]>([
    ['throws', () => Promise.reject(new Error('the database is down'))],
    [
      'throws at once',
      () => {
        throw new Error('the database is down');
      },
    ],
    ['answers nothing', () => undefined],
    ['answers null', () => null],
    ['answers 0', () => 0],
    ['answers a text', () => 'false'],
    ['answers an object', () => ({ revoked: false })],
    ['answers a promise of nothing', () => Promise.resolve(undefined)],
    ['never answers', () => new Promise(() => undefined)],
  ])('is 503 when the hook %s', async (_, isRevoked) => {
    await using app = await start({ isRevoked: isRevoked as () => boolean });
    await expectUntold(app, scene.authority.mint());
    expect(JSON.stringify(app.decisions)).not.toContain('database');
  });

  it('is not asked about a token that is refused anyway', async () => {
    let asked = 0;
    await using app = await start({ isRevoked: () => asked++ === -1 });
    await ask(app, scene.authority.mint({ aud: 'https://other.example' }));
    await ask(app, scene.authority.mint({ cnf: { jkt: 'x'.repeat(43) } }));
    expect(asked).toBe(0);
  });
});
