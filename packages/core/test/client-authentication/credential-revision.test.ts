import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { clientSecretBasic, clientSecretPost, type ClientSecret } from '../../src/client/index.ts';
import { clientSecretJwt } from '../../src/client-authentication/client-secret-jwt.ts';

const SECRET = 'canary-secret of thirty-two bytes or more';

describe.each([
  ['clientSecretBasic', clientSecretBasic],
  ['clientSecretPost', clientSecretPost],
  [
    'clientSecretJwt',
    ({ clientSecret }: { clientSecret: ClientSecret }) =>
      clientSecretJwt({ clientSecret, algorithm: 'HS256' }),
  ],
] as const)('the revision of %s', (_name, create) => {
  it('tells of a rotated secret, and is the same for the same', async () => {
    let secret = SECRET;
    const authentication = create({ clientSecret: () => Promise.resolve(secret) });
    const before = await authentication.revision?.();
    expect(before).toMatch(/^[\w-]{43}$/);
    expect(await authentication.revision?.()).toBe(before);
    secret = `${SECRET}, rotated`;
    const after = await authentication.revision?.();
    expect(after).toMatch(/^[\w-]{43}$/);
    expect(after).not.toBe(before);
    secret = SECRET;
    expect(await authentication.revision?.()).toBe(before);
  });

  it('S1: confirms no guess at the secret', async () => {
    const revision = await create({ clientSecret: () => SECRET }).revision?.();
    expect(revision).not.toBe(createHash('sha256').update(SECRET).digest('base64url'));
    expect(revision).not.toContain('canary');
  });

  it('S1: is another in another process, so that it confirms no guess there', async () => {
    const module = new URL('../../src/client-authentication/credential-revision.ts', import.meta.url).href;
    const script = `
      import { revisionOf } from ${JSON.stringify(module)};
      console.log(await revisionOf(() => ${JSON.stringify(SECRET)}));
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    expect(stdout).toMatch(/^[\w-]{43}\n$/);
    expect(stdout.trim()).not.toBe(await create({ clientSecret: () => SECRET }).revision?.());
  });

  it('is none for a secret that cannot change, and where it cannot be read', async () => {
    expect(create({ clientSecret: SECRET })).not.toHaveProperty('revision');
    for (const clientSecret of [
      () => Promise.reject(new Error(SECRET)),
      () => {
        throw new Error(SECRET);
      },
      () => undefined as unknown as string,
    ]) {
      expect(await create({ clientSecret }).revision?.()).toBeUndefined();
    }
  });
});
