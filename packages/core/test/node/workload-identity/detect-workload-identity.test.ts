import { execFileSync } from 'node:child_process';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { AssertionSourceError } from '../../../src/client/grants/assertion-source.ts';
import { detectWorkloadIdentity } from '../../../src/node/workload-identity/detect-workload-identity.ts';
import { startLoopbackServer } from '../../loopback-server.ts';
import { createProjectedVolume } from './projected-volume.ts';
import { ISSUER, createRequest, createToken, failureOf } from './scene.ts';
import { answerWith, frame, jwtSvidResponse, startWorkloadApi } from './workload-api.ts';

const GITHUB = {
  ACTIONS_ID_TOKEN_REQUEST_URL: 'https://runner.example/?a=b',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'canary-of-a-request-token',
};
const APP_SERVICE = { IDENTITY_ENDPOINT: 'http://127.0.0.1/', IDENTITY_HEADER: 'canary-of-a-header' };
const CLUSTER = { KUBERNETES_SERVICE_HOST: '10.0.0.1' };
const AZURE = { AZURE_FEDERATED_TOKEN_FILE: '/azure' };
const AWS = { AWS_WEB_IDENTITY_TOKEN_FILE: '/aws' };
const SPIFFE = { SPIFFE_ENDPOINT_SOCKET: 'unix:///agent.sock' };

function detectionFailure(environment: Record<string, string>): Promise<AssertionSourceError> {
  return failureOf(new Promise((resolve) => resolve(detectWorkloadIdentity({ environment }))));
}

describe('detectWorkloadIdentity', () => {
  it.each([
    ['GitHub Actions OIDC token', GITHUB],
    ['Google metadata server', { GCE_METADATA_HOST: 'metadata.google.internal' }],
    ['Google metadata server', { CLOUD_RUN_JOB: 'job' }],
    ['Google metadata server', { K_SERVICE: 'service' }],
    ['Google metadata server', { GAE_SERVICE: 'default' }],
    ['Azure managed identity', APP_SERVICE],
    ['Azure federated token', AZURE],
    ['AWS web identity token', AWS],
    ['SPIFFE JWT-SVID', SPIFFE],
    ['Kubernetes service account token', CLUSTER],
    ['Kubernetes service account token', { ...CLUSTER, K_SERVICE: 'knative' }],
    ['Azure federated token', { ...CLUSTER, ...AZURE }],
    ['GitHub Actions OIDC token', { ...CLUSTER, ...GITHUB }],
    ['AWS web identity token', { ...AWS, ...GITHUB, ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' }],
  ])('finds %s in %j', (name, environment) => {
    expect(detectWorkloadIdentity({ environment }).name).toBe(name);
  });

  it('lists what it found if several could apply, and shows no value', async () => {
    const error = await detectionFailure({ ...CLUSTER, ...AWS, ...SPIFFE, ...GITHUB });
    expect(error.received).toBe(
      'ACTIONS_ID_TOKEN_REQUEST_URL (githubActionsToken), AWS_WEB_IDENTITY_TOKEN_FILE (awsWebIdentityToken), SPIFFE_ENDPOINT_SOCKET (spiffeJwtSvid)',
    );
    expect(error.hint).toBe('Choose one of these by calling its function.');
    expect([error.passing, error.message.includes('canary')]).toEqual([false, false]);
  });

  it.each([{}, { GITHUB_ACTIONS: 'true', IDENTITY_ENDPOINT: 'x', AZURE_FEDERATED_TOKEN_FILE: ' ' }])(
    'lists what it looked for if there is nothing in %j',
    async (environment) => {
      const error = await detectionFailure(environment);
      for (const factory of [
        'ACTIONS_ID_TOKEN_REQUEST_URL with ACTIONS_ID_TOKEN_REQUEST_TOKEN (githubActionsToken)',
        'GAE_SERVICE (googleMetadataToken)',
        'AZURE_FEDERATED_TOKEN_FILE (azureFederatedToken)',
        'IDENTITY_ENDPOINT with IDENTITY_HEADER (azureManagedIdentityToken)',
        'AWS_WEB_IDENTITY_TOKEN_FILE (awsWebIdentityToken)',
        'SPIFFE_ENDPOINT_SOCKET (spiffeJwtSvid)',
        'KUBERNETES_SERVICE_HOST (kubernetesServiceAccountToken)',
      ]) {
        expect(error.expected).toContain(factory);
      }
      expect(error.received).toBe('none of them');
      expect(error.hint).toContain('id-token: write');
    },
  );

  it.each([ISSUER, 'agreed'])('hands everything on to the source: the audience %s', async (audience) => {
    const options = audience === ISSUER ? {} : { audience };
    const token = await createToken({ aud: audience, sub: 'spiffe://example.org/a' });
    const { path } = await createProjectedVolume(token);
    const { origin } = await startLoopbackServer(() => ({
      headers: { 'metadata-flavor': 'Google' },
      json: { value: token, access_token: token },
    }));
    const { address } = await startWorkloadApi((stream) =>
      answerWith(stream, frame(jwtSvidResponse(['spiffe://example.org/a', token]))),
    );
    for (const environment of [
      { ...GITHUB, ACTIONS_ID_TOKEN_REQUEST_URL: `${origin}/` },
      { ...APP_SERVICE, IDENTITY_ENDPOINT: `${origin}/msi/token` },
      { AZURE_FEDERATED_TOKEN_FILE: path },
      { AWS_WEB_IDENTITY_TOKEN_FILE: path },
      { SPIFFE_ENDPOINT_SOCKET: address },
    ]) {
      const source = detectWorkloadIdentity({ environment, timeoutMilliseconds: 5000, ...options });
      expect(await source.getAssertion(createRequest())).toBe(token);
    }
    const google = detectWorkloadIdentity({
      environment: { K_SERVICE: 'service' },
      fetch: () => Promise.resolve(new Response(token, { headers: { 'metadata-flavor': 'Google' } })),
      ...options,
    });
    expect(await google.getAssertion(createRequest())).toBe(token);
  });

  it('reads nothing of the process until it is called', () => {
    const modules = [
      'detect-workload-identity.ts',
      'assertion-from-command.ts',
      'assertion-from-file.ts',
    ].map((name) => new URL(`../../../src/node/workload-identity/${name}`, import.meta.url).href);
    const script = `
      const read = [];
      const own = process.env;
      process.env = new Proxy(own, { get: (target, name) => (read.push(name), target[name]) });
      for (const module of ${JSON.stringify(modules)}) await import(module);
      console.log(JSON.stringify(read.filter((name) => /ACTIONS|METADATA|AZURE|IDENTITY|AWS|SPIFFE|KUBERNETES|PATH|HOME/.test(String(name)))));`;
    const output = execFileSync(execPath, ['--input-type=module', '--eval', script], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      env: { PATH: env['PATH'] },
      encoding: 'utf8',
    });
    expect(JSON.parse(output)).toEqual([]);
  });

  it('refuses unknown options', () => {
    expect(() => detectWorkloadIdentity({ env: {} } as never)).toThrow(TypeError);
  });
});
