import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { clientSecretBasic } from '@mcp-m2m/core/client';
import { startScene } from 'broken-connections';
import { describe, expect, it } from 'vitest';

import { diagnose, FINDING_CODES } from '../src/index.ts';
import { linkOf } from '../src/finding-code.ts';
import { optionsOf } from './options-of.ts';

const root = path.join(import.meta.dirname, '../../..');
const read = (pattern: string): string =>
  globSync(pattern, { cwd: root })
    .map((file) => readFileSync(path.join(root, file), 'utf8'))
    .join('\n');

describe('docs/troubleshooting.md', () => {
  const rows = read('docs/troubleshooting.md')
    .split('\n')
    .map((line) => /^\| \[`(\w+)`\]\(([^)]+)\) *\| (.+?) *\| (.+?) *\|$/.exec(line))
    .filter((match) => match !== null);

  it('lists every code once, and no other', () => {
    const listed = rows.map(([, code = '']) => code);
    expect(new Set(listed)).toEqual(new Set(FINDING_CODES));
    expect(listed).toHaveLength(FINDING_CODES.length);
  });

  it.each(rows.map(([, code = '', link, meaning, mend]) => [code, { link, meaning, mend }] as const))(
    '%s has its link, its meaning and its mend there',
    (code, { link, meaning, mend }) => {
      expect(link).toBe(linkOf(code as never));
      expect(meaning).toMatch(/\.$/);
      expect(mend).toMatch(/\.$/);
    },
  );
});

describe('every code', () => {
  const sources = read('packages/doctor/src/**/*.ts').replace(/const LINKS = \{[\s\S]*?\} as const;/, '');
  const shown = read('tooling/broken-connections/src/table/*.ts') + read('packages/doctor/test/**/*.test.ts');

  it.each(FINDING_CODES)('%s is found by a step, and shown by a test', (code) => {
    expect([sources.includes(`'${code}'`), shown.includes(`'${code}'`)]).toEqual([true, true]);
  });

  it.each(FINDING_CODES)('%s links to a page that is public', (code) => {
    const { protocol, hostname } = new URL(linkOf(code));
    expect(protocol).toBe('https:');
    expect(['modelcontextprotocol.io', 'www.rfc-editor.org', 'nodejs.org', 'github.com']).toContain(hostname);
  });
});

describe('what no table can break', () => {
  it('a secret that cannot be read is said to be unusable, and stays unread', async () => {
    await using connection = await startScene();
    const diagnosis = await diagnose({
      ...optionsOf(connection.settings),
      authentication: clientSecretBasic({
        clientSecret: () => Promise.reject(new Error('vault is sealed: hunter2hunter2')),
      }),
    });
    expect(diagnosis.verdict?.code).toBe('credential_unusable');
    expect(JSON.stringify(diagnosis)).not.toContain('hunter2');
  });

  it('the implicit grant is explained', async () => {
    await using connection = await startScene({ client: () => ({ grantType: 'implicit' }) });
    const { verdict } = await diagnose(optionsOf(connection.settings));
    expect(verdict).toMatchObject({ code: 'implicit_grant', severity: 'failure' });
  });

  it('a token that lives long is worth a note, and nothing is broken', async () => {
    await using connection = await startScene({
      client: ({ authority, url }) => ({
        token: authority.mint({ aud: url, scope: 'deploy:read' }, { expiresInSeconds: 30 * 86_400 }),
        clientId: undefined as never,
        clientSecret: undefined as never,
      }),
    });
    const { outcome, verdict, steps } = await diagnose(optionsOf(connection.settings));
    expect(outcome).toBe('healthy');
    expect(verdict).toBeUndefined();
    expect(steps.flatMap(({ findings }) => findings)).toMatchObject([
      { code: 'token_lives_long', severity: 'note', message: expect.stringMatching(/720 hours/) as string },
    ]);
  });

  it('of several authorization servers, a token at hand chooses its own', async () => {
    await using connection = await startScene({
      before:
        ({ url, authority }) =>
        (request, response, next) => {
          if (!request.path.startsWith('/.well-known/')) return next();
          response.json({ resource: url, authorization_servers: ['https://a.example', authority.issuer] });
        },
      client: ({ authority, url }) => ({
        token: authority.mint({ aud: url, scope: 'deploy:read' }),
        issuer: undefined as never,
        clientId: undefined as never,
        clientSecret: undefined as never,
      }),
    });
    const { outcome } = await diagnose(optionsOf(connection.settings));
    expect(outcome).toBe('healthy');
  });
});
