import { describe, expect, it } from 'vitest';
import { kubernetesServiceAccountToken } from '../../../src/node/workload-identity/kubernetes-service-account-token.ts';
import { createProjectedVolume } from './projected-volume.ts';
import { ISSUER, createRequest, createToken, failureOf } from './scene.ts';

const API_SERVER = 'https://kubernetes.default.svc.cluster.local';

describe('kubernetesServiceAccountToken', () => {
  it('gives the projected token, and the next one once the kubelet has rotated it', async () => {
    const [first, second] = [await createToken(), await createToken()];
    const volume = await createProjectedVolume(first);
    const source = kubernetesServiceAccountToken({ path: volume.path });
    const request = createRequest();
    expect(await source.getAssertion(request)).toBe(first);
    await volume.rotate(second);
    expect(await source.getAssertion(request)).toBe(second);
    expect(request.concealed).toEqual([first, second]);
  });

  it('gives a whole token at any moment of many rotations', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => createToken()));
    const volume = await createProjectedVolume(tokens[0] ?? '');
    const source = kubernetesServiceAccountToken({ path: volume.path });
    const given = new Set<string>();
    for (let round = 0; round < 200; round++) {
      const reading = Promise.all([1, 2, 3].map(() => source.getAssertion(createRequest())));
      await volume.rotate(tokens[round % tokens.length] ?? '');
      for (const token of await reading) given.add(token);
    }
    for (const token of given) expect(tokens).toContain(token);
    expect(given.size).toBeGreaterThan(1);
  });

  it("does not send the API server's token anywhere else, and says how to get the right one", async () => {
    const token = await createToken({ aud: [API_SERVER, 'k3s'] });
    const { path } = await createProjectedVolume(token);
    const source = kubernetesServiceAccountToken({ path });
    const error = await failureOf(source.getAssertion(createRequest()), [token]);
    expect(error.message).toBe(
      `No assertion from Kubernetes service account token (${path}): expected a token for the audience "${ISSUER}", received one for ["${API_SERVER}", "k3s"]. Set this audience at the serviceAccountToken source in the pod's specification, and give its path as the option path.`,
    );
    expect(error.passing).toBe(false);
  });

  it('takes an audience that the authorization server has agreed to, if it is named', async () => {
    const token = await createToken({ aud: 'mcp-workloads' });
    const { path } = await createProjectedVolume(token);
    const source = kubernetesServiceAccountToken({ path, audience: 'mcp-workloads' });
    expect(await source.getAssertion(createRequest())).toBe(token);
  });

  it('looks where every pod has its token, unless told otherwise', async () => {
    const error = await failureOf(kubernetesServiceAccountToken().getAssertion(createRequest()));
    expect(error.from).toBe('/var/run/secrets/kubernetes.io/serviceaccount/token');
    expect([error.received, error.passing]).toEqual(['no such file', true]);
  });

  it.each([
    [{ file: '/token' }, 'unknown option "file"'],
    [{ path: '' }, 'path must be a non-empty string'],
    [{ audience: ['a'] }, 'audience must be a non-empty string'],
  ])('refuses the options %j', (options, message) => {
    expect(() => kubernetesServiceAccountToken(options as never)).toThrow(message);
    expect(() => kubernetesServiceAccountToken(options as never)).toThrow(TypeError);
  });
});
