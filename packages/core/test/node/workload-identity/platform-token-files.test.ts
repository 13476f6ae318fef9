import { env } from 'node:process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { awsWebIdentityToken } from '../../../src/node/workload-identity/aws-web-identity-token.ts';
import { azureFederatedToken } from '../../../src/node/workload-identity/azure-federated-token.ts';
import { createProjectedVolume } from './projected-volume.ts';
import { ISSUER, createFolder, createRequest, createToken, failureOf } from './scene.ts';

const ENTRA = 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0';
const EXCHANGE = 'api://AzureADTokenExchange';

describe.each([
  ['AWS_WEB_IDENTITY_TOKEN_FILE', awsWebIdentityToken],
  ['AZURE_FEDERATED_TOKEN_FILE', azureFederatedToken],
])('the file named by %s', (variable, create) => {
  it('is read at every use, and so is the variable', async () => {
    const [first, second, third] = [await createToken(), await createToken(), await createToken()];
    const [volume, other] = [await createProjectedVolume(first), await createProjectedVolume(third)];
    const environment: Record<string, string> = { [variable]: volume.path };
    const source = create({ environment });
    expect(await source.getAssertion(createRequest())).toBe(first);
    await volume.rotate(second);
    expect(await source.getAssertion(createRequest())).toBe(second);
    environment[variable] = other.path;
    expect(await source.getAssertion(createRequest())).toBe(third);
  });

  it("comes from the process's own environment, unless another one is given", async () => {
    const token = await createToken();
    const source = create();
    env[variable] = (await createProjectedVolume(token)).path;
    onTestFinished(() => {
      delete env[variable];
    });
    expect(await source.getAssertion(createRequest())).toBe(token);
  });

  it.each([{}, { [variable]: '' }, { [variable]: ' ' }])(
    'is missed in the environment %j',
    async (environment) => {
      const error = await failureOf(create({ environment }).getAssertion(createRequest()));
      expect(error.expected).toBe(`the variable ${variable}`);
      expect(error.passing).toBe(false);
    },
  );

  it('has to be there', async () => {
    const environment = { [variable]: join(await createFolder(), 'none') };
    const error = await failureOf(create({ environment }).getAssertion(createRequest()));
    expect([error.received, error.hint]).toEqual(['no such file', expect.stringContaining(variable)]);
  });

  it('refuses wrong options when it is made', () => {
    expect(() => create({ environment: 'PATH' } as never)).toThrow('environment must be an object');
    expect(() => create({ audience: '' })).toThrow('audience must be a non-empty string');
  });
});

describe('awsWebIdentityToken', () => {
  it('sends a token by which the role can be assumed to nobody, unless told so', async () => {
    const token = await createToken({ aud: 'sts.amazonaws.com' });
    const environment = { AWS_WEB_IDENTITY_TOKEN_FILE: (await createProjectedVolume(token)).path };
    const error = await failureOf(awsWebIdentityToken({ environment }).getAssertion(createRequest()), [
      token,
    ]);
    expect(error.received).toBe('one for "sts.amazonaws.com"');
    expect(error.hint).toContain('kubernetesServiceAccountToken');
    const told = awsWebIdentityToken({ environment, audience: 'sts.amazonaws.com' });
    expect(await told.getAssertion(createRequest())).toBe(token);
  });
});

describe('azureFederatedToken', () => {
  it.each([
    [ENTRA, EXCHANGE],
    ['https://sts.windows.net/11111111-2222-3333-4444-555555555555/', EXCHANGE],
    ['https://login.microsoftonline.us/tenant/v2.0', `${EXCHANGE}USGov`],
    ['https://login.partner.microsoftonline.cn/tenant/v2.0', `${EXCHANGE}China`],
  ])('gives Entra ID at %s the token for %s', async (audience, aud) => {
    const token = await createToken({ aud });
    const environment = { AZURE_FEDERATED_TOKEN_FILE: (await createProjectedVolume(token)).path };
    expect(await azureFederatedToken({ environment }).getAssertion(createRequest({ audience }))).toBe(token);
  });

  it.each([
    ISSUER,
    'https://login.microsoftonline.com.evil.example/tenant/v2.0',
    'https://evil.example/login.microsoftonline.com',
    'https://login.microsoftonline.com@evil.example/',
  ])('gives nobody else a token for Entra ID: %s', async (audience) => {
    const token = await createToken({ aud: EXCHANGE });
    const environment = { AZURE_FEDERATED_TOKEN_FILE: (await createProjectedVolume(token)).path };
    const request = createRequest({ audience });
    const error = await failureOf(azureFederatedToken({ environment }).getAssertion(request), [token]);
    expect(error.expected).toBe(`a token for the audience "${audience}"`);
    expect(error.received).toBe(`one for "${EXCHANGE}"`);
  });

  it('takes an audience that is named instead', async () => {
    const path = join(await createFolder(), 'token');
    const token = await createToken({ aud: EXCHANGE });
    await writeFile(path, token);
    const source = azureFederatedToken({
      environment: { AZURE_FEDERATED_TOKEN_FILE: path },
      audience: EXCHANGE,
    });
    expect(await source.getAssertion(createRequest())).toBe(token);
  });
});
