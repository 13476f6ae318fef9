import { describe, expect, it } from 'vitest';
import { githubActionsToken } from '../../../src/node/workload-identity/github-actions-token.ts';
import { startLoopbackServer, type LoopbackServer } from '../../loopback-server.ts';
import { withstandsHostileAnswers } from './hostile-answers.ts';
import { ISSUER, createRequest, createToken, failureOf } from './scene.ts';

const REQUEST_TOKEN = 'canary.of-a-request.token';
const PATH = '/abc/00000000-0000/_apis/distributedtask/hubs/Actions/plans/1/jobs/2/idtoken';

/** The runner's endpoint: the job's own token, and the audience that is asked for. */
function startEndpoint(): Promise<LoopbackServer> {
  return startLoopbackServer(async ({ method, url, headers }) => {
    const { pathname, searchParams } = new URL(url, 'http://runner');
    if (method !== 'GET' || pathname !== PATH) return { status: 404, json: { message: 'not found' } };
    if (headers.authorization !== `Bearer ${REQUEST_TOKEN}`) return { status: 401, json: { message: 'no' } };
    if (searchParams.get('api-version') !== '2.0') return { status: 400, json: { message: 'api-version' } };
    const aud = searchParams.get('audience') ?? 'https://github.com/octo-org';
    return { json: { count: 1, value: await createToken({ aud }) } };
  });
}

function environmentOf(origin: string, query = '?api-version=2.0') {
  return {
    ACTIONS_ID_TOKEN_REQUEST_URL: `${origin}${PATH}${query}`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: REQUEST_TOKEN,
  };
}

describe('githubActionsToken', () => {
  it('asks for a fresh token with the audience at every use, beside the query that is there', async () => {
    const { origin, requests } = await startEndpoint();
    const source = githubActionsToken({ environment: environmentOf(origin) });
    const request = createRequest();
    const [first, second] = [await source.getAssertion(request), await source.getAssertion(request)];
    expect(first).not.toBe(second);
    expect(requests.map(({ url }) => url)).toEqual(
      Array(2).fill(`${PATH}?api-version=2.0&audience=${encodeURIComponent(ISSUER)}`),
    );
    expect(request.concealed).toEqual([REQUEST_TOKEN, first, REQUEST_TOKEN, second]);
  });

  it('asks for the audience that is named instead, whatever is in it', async () => {
    const { origin } = await startEndpoint();
    const source = githubActionsToken({ environment: environmentOf(origin), audience: 'a&b=c d#ü' });
    const token = await source.getAssertion(createRequest());
    expect(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({
      aud: 'a&b=c d#ü',
    });
  });

  it('keeps an encoded query as it is, and begins one where there is none', async () => {
    const { origin, requests } = await startLoopbackServer(async () => ({
      json: { value: await createToken() },
    }));
    for (const query of ['?a=%2F+%20', '']) {
      await githubActionsToken({ environment: environmentOf(origin, query) }).getAssertion(createRequest());
    }
    const audience = `audience=${encodeURIComponent(ISSUER)}`;
    expect(requests.map(({ url }) => url.slice(PATH.length))).toEqual([
      `?a=%2F+%20&${audience}`,
      `?${audience}`,
    ]);
  });

  it.each(['ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'])(
    'says which permission a job lacks that has no %s',
    async (variable) => {
      const environment = { ...environmentOf('https://runner.example'), [variable]: undefined };
      const error = await failureOf(githubActionsToken({ environment }).getAssertion(createRequest()), [
        REQUEST_TOKEN,
      ]);
      expect(error.expected).toBe(`the variable ${variable}`);
      expect(error.hint).toContain('id-token: write');
    },
  );

  it.each([
    ['http://runner.example/', '"http://runner.example"'],
    ['http://169.254.169.254/', '"http://169.254.169.254"'],
    ['http://10.0.0.1/', '"http://10.0.0.1"'],
    ['http://localhost.evil.example/', '"http://localhost.evil.example"'],
    ['https://user:canary-password@runner.example/', '"https://runner.example"'],
    ['https://canary-password@runner.example/', '"https://runner.example"'],
    ['file:///etc/passwd', '"file://"'],
    ['javascript:alert(1)', '"javascript://"'],
    ['runner.example', 'no URL'],
  ])('M8: sends the request token to no address such as %s', async (address, received) => {
    let asked = 0;
    const source = githubActionsToken({
      environment: { ...environmentOf(''), ACTIONS_ID_TOKEN_REQUEST_URL: address },
      fetch: () => {
        asked++;
        return Promise.reject(new Error('asked'));
      },
    });
    const error = await failureOf(source.getAssertion(createRequest()), [REQUEST_TOKEN, 'canary-password']);
    expect([error.received, error.passing, asked]).toEqual([received, false, 0]);
  });

  it('S5: shows nothing of a fetch that hangs the request on its error', async () => {
    const source = githubActionsToken({
      environment: environmentOf('https://runner.example'),
      fetch: (url, init) =>
        Promise.reject(
          Object.assign(new Error(`${url} ${JSON.stringify(init)}`), { code: 'ECONNRESET', init }),
        ),
    });
    const error = await failureOf(source.getAssertion(createRequest()), [REQUEST_TOKEN]);
    expect(error.received).toBe('a network failure (ECONNRESET)');
  });

  it('S5: shows nothing of a request token that is no header value', async () => {
    const { origin } = await startEndpoint();
    const environment = {
      ...environmentOf(origin),
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'canary-one\ncanary-two',
    };
    const error = await failureOf(githubActionsToken({ environment }).getAssertion(createRequest()), [
      'canary-one',
      'canary-two',
    ]);
    expect(error.expected).toBe('an answer');
  });

  it('refuses wrong options when it is made', () => {
    expect(() => githubActionsToken({ audence: 'x' } as never)).toThrow('did you mean "audience"');
    expect(() => githubActionsToken({ fetch: 'x' } as never)).toThrow('fetch must be a function');
    expect(() => githubActionsToken({ timeoutMilliseconds: 1.5 })).toThrow('timeoutMilliseconds must be');
  });

  describe('against hostile answers', () => {
    withstandsHostileAnswers(
      (origin, options) => githubActionsToken({ environment: environmentOf(origin), ...options }),
      (value) => ({ json: { value } }),
      [REQUEST_TOKEN],
    );
  });
});
