import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createTokenSource, tokenExchange, TOKEN_TYPES } from '../../../src/client/index.ts';
import { failureOf } from '../acquisition-failure.ts';
import { tokenRequests } from '../scene.ts';
import { createGrantScene } from './grant-scene.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ISSUED = { issued_token_type: TOKEN_TYPES.accessToken };

describe('a server that acts for its caller', () => {
  it("hands the caller's token in and gets another one for the next server", async () => {
    const scene = await createGrantScene(GRANT, async () => ISSUED);
    const callersToken = scene.authority.mint({ aud: 'https://mcp.example.com/first' });
    const tokens = createTokenSource({
      ...scene.options,
      scopes: ['deploy:read'],
      grant: tokenExchange({
        subjectToken: callersToken,
        actorToken: async () => 'token-of-this-server',
        actor: 'this server',
      }),
    });
    const { accessToken } = await tokens.getToken();
    expect(accessToken).not.toBe(callersToken);
    expect(Object.fromEntries(tokenRequests(scene)[0] ?? [])).toEqual({
      grant_type: GRANT,
      subject_token: callersToken,
      subject_token_type: TOKEN_TYPES.accessToken,
      actor_token: 'token-of-this-server',
      actor_token_type: TOKEN_TYPES.accessToken,
      resource: scene.resource,
      scope: 'deploy:read',
    });
  });

  it("RS7: refuses an answer that hands the caller's token back", async () => {
    const scene = await createGrantScene(GRANT, async (form) => ({
      ...ISSUED,
      access_token: form.get('subject_token'),
    }));
    const tokens = createTokenSource({
      ...scene.options,
      grant: tokenExchange({ subjectToken: 'of-the-caller' }),
    });
    expect(await failureOf(tokens.getToken())).toMatchObject({
      code: 'token_response_invalid',
      expected: '"access_token": a new token',
    });
  });

  it.each([
    ['none', undefined, 'none'],
    ['a refresh token', TOKEN_TYPES.refreshToken, TOKEN_TYPES.refreshToken],
    ['an ID token', TOKEN_TYPES.idToken, TOKEN_TYPES.idToken],
  ])('AS16: refuses an answer whose issued_token_type is %s', async (_, issued, received) => {
    const scene = await createGrantScene(GRANT, async () => ({ issued_token_type: issued }));
    const tokens = createTokenSource({
      ...scene.options,
      grant: tokenExchange({ subjectToken: 'of-the-caller' }),
    });
    expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'token_response_invalid', received });
  });

  it('S3: shows the token of the caller nowhere', async () => {
    const grant = tokenExchange({
      subjectToken: 'canary-token-of-the-caller',
      actorToken: 'canary-token-of-the-actor',
    });
    expect(inspect(grant)).not.toContain('canary');
    expect(JSON.stringify(grant)).not.toContain('canary');
    const scene = await createGrantScene(GRANT, async (form) => {
      throw new Error(`no: ${form.toString()}`);
    });
    const error = await failureOf(createTokenSource({ ...scene.options, grant }).getToken());
    expect(error).toMatchObject({ code: 'invalid_grant' });
    expect(inspect(error, { showHidden: true, depth: 10 })).not.toContain('canary');
    expect(inspect(scene.events, { showHidden: true, depth: 10 })).not.toContain('canary');
  });

  it('is not offered the grant: says so before the token goes anywhere', async () => {
    const scene = await createGrantScene(GRANT, async () => ISSUED);
    scene.authority.setMetadata({ grant_types_supported: ['client_credentials'] });
    const tokens = createTokenSource({
      ...scene.options,
      grant: tokenExchange({ subjectToken: 'of-the-caller' }),
    });
    expect(await failureOf(tokens.getToken())).toMatchObject({
      code: 'grant_not_supported',
      hint: expect.stringContaining(GRANT),
    });
    expect(tokenRequests(scene)).toHaveLength(0);
  });
});

it.each([
  [{ subjectToken: '' }, /^subject/],
  [{ subjectToken: async () => 'a' }, /^subject must name the party/],
  [{ subjectToken: 'a', subjectTokenType: 'access token' }, /^subjectTokenType must be a token type/],
  [{ subjectToken: 'a', audience: 'b' }, /unknown option "audience"/],
  [{ subjectToken: 'a', actorToken: 5 }, /^actorToken must be/],
  [{ subjectToken: 'a', actorToken: async () => 'b' }, /^actor must name the acting party/],
  [{ subjectToken: 'a', actorToken: 'b', actor: '' }, /^actor must name the acting party/],
  [{ subjectToken: 'a', actor: 'b' }, /^actor must be left out without actorToken/],
])('refuses wrong options in words: %j', (options, message) => {
  expect(() => tokenExchange(options as never)).toThrow(message);
});
