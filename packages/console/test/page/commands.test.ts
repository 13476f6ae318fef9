import { execFileSync } from 'node:child_process';

import { describe, expect, it } from 'vitest';

import { exportSecret, quoteForShell, secretCommands } from '../../src/page/clients/commands.ts';

const SUBJECT = {
  issuer: 'https://auth.example.com',
  tokenEndpoint: 'https://auth.example.com/token',
  clientId: 'nightly-report',
  resource: 'https://mcp.example.com/mcp',
  scopes: ['deploy:read'],
};

describe('ready commands', () => {
  it.each(["it's", '$(touch /tmp/taken)', '`id`', '"; rm -rf /', '\\', 'a\nb', '!x'])(
    'a shell reads %j as that very text',
    (text) => {
      expect(execFileSync('sh', ['-c', `printf %s ${quoteForShell(text)}`], { encoding: 'utf8' })).toBe(text);
    },
  );

  it('no command but the one for the shell has the secret in it', () => {
    for (const { text } of secretCommands(SUBJECT)) expect(text).not.toContain("se'cret");
    expect(exportSecret("se'cret")).toBe(String.raw`export MCP_M2M_CLIENT_SECRET='se'\''cret'`);
  });

  it('a resource that looks like code stays text in every language', () => {
    const resource = `https://mcp.example.com/mcp?x='"\${process.exit(1)}\``;
    const commands = secretCommands({ ...SUBJECT, resource });
    expect(commands.map(({ name }) => name)).toEqual([
      'curl, Basic',
      'curl, POST',
      'TypeScript',
      'Python',
      'CLI',
    ]);
    const ofCode = commands.filter(({ name }) => ['TypeScript', 'Python'].includes(name));
    for (const { text } of ofCode) expect(text).toContain(JSON.stringify(resource));
    const ofShell = commands.filter(({ name }) => !['TypeScript', 'Python'].includes(name));
    for (const { text } of ofShell) execFileSync('sh', ['-n', '-c', text]);
  });
});
