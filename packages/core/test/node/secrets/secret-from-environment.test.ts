import { generateKeyPairSync } from 'node:crypto';
import { env } from 'node:process';
import { inspect } from 'node:util';
import { jwtVerify } from 'jose';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { clientSecretPost, createTokenSource, privateKeyJwt } from '../../../src/client/index.ts';
import { secretFromEnvironment } from '../../../src/node/secrets/secret-from-environment.ts';
import { failureOf } from '../../client/acquisition-failure.ts';
import { createScene, SECRET } from '../../client/scene.ts';
import { prove } from '../../client-authentication/token-request.ts';

const NAME = 'MCP_M2M_TEST_SECRET';

beforeEach(() => {
  delete env[NAME];
  onTestFinished(() => {
    delete env[NAME];
  });
});

describe('secretFromEnvironment', () => {
  it('reads a client secret that gets a token', async () => {
    const scene = await createScene();
    env[NAME] = SECRET;
    const authentication = clientSecretPost({ clientSecret: secretFromEnvironment(NAME) });
    await expect(createTokenSource({ ...scene.options, authentication }).getToken()).resolves.toBeDefined();
  });

  it('reads a private key that signs what verifies, its line breaks written either way', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    const authentication = privateKeyJwt({ key: secretFromEnvironment(NAME), algorithm: 'EdDSA' });
    for (const text of [pem, pem.replaceAll('\n', String.raw`\n`)]) {
      env[NAME] = text;
      const { assertion } = await prove(authentication);
      await expect(jwtVerify(assertion, publicKey)).resolves.toBeDefined();
    }
  });

  it('reads at each use, and drops one line break at the end', () => {
    const read = secretFromEnvironment(NAME);
    env[NAME] = 'one\n';
    expect(read()).toBe('one');
    env[NAME] = ' two \r\n';
    expect(read()).toBe(' two ');
  });

  it.each([
    ['is not set', undefined],
    ['is empty', ''],
    ['is empty', '\n'],
  ])('says at use which variable %s, where the operator sees it', async (problem, value) => {
    const scene = await createScene();
    const authentication = clientSecretPost({ clientSecret: secretFromEnvironment(NAME) });
    if (value !== undefined) env[NAME] = value;
    const error = await failureOf(createTokenSource({ ...scene.options, authentication }).getToken());
    expect(error.code).toBe('client_authentication_failed');
    expect(error.cause).toMatchObject({
      name: 'ClientSecretError',
      message: expect.stringContaining(`secretFromEnvironment: ${NAME} ${problem}. `) as string,
    });
  });

  it.each([
    ['the secret itself', 'canary-secret/+'],
    ['a PEM key', '-----BEGIN PRIVATE KEY-----\ncanary'],
    ['a long secret', `canary${'x'.repeat(123)}`],
    ['an empty name', ''],
    ['what is missing', undefined],
  ])('S1: refuses %s at once, without showing it', (_, name) => {
    const attempt = () => secretFromEnvironment(name as string);
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(/takes the name of an environment variable/);
    expect(attempt).not.toThrow(/canary/);
  });

  it('S1: shows no secret when it is printed', () => {
    env[NAME] = 'canary-secret';
    const read = secretFromEnvironment(NAME);
    read();
    expect(inspect(read, { depth: null, showHidden: true })).not.toContain('canary');
  });
});
