import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { HELP } from '../../src/program/command-line.ts';
import { readConfiguration } from '../../src/program/program-configuration.ts';
import { SECRET_KEY } from '../running-server.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const EXAMPLE = readFileSync(new URL('../../examples/configuration.json', import.meta.url), 'utf8');

describe('the README of the program', () => {
  it('shows a configuration that is in order', () => {
    expect(README).toContain(`\`\`\`json\n${EXAMPLE}\`\`\``);
    const folder = createTemporaryFolder();
    const secretKeyFile = join(folder, 'key');
    writeFileSync(secretKeyFile, SECRET_KEY);
    const path = join(folder, 'config.json');
    writeFileSync(path, EXAMPLE.replace('/run/secrets/auth-secret-key', secretKeyFile));
    expect(readConfiguration(path, {}).server.issuer).toBe('https://auth.example.com');
  });

  it('names every variable that the program tells of', () => {
    for (const [variable] of HELP.matchAll(/MCP_M2M_\w+/g)) {
      if (variable === 'MCP_M2M_CONFIG' || variable === 'MCP_M2M_OPERATIONS_PORT') continue;
      expect(README).toContain(variable);
    }
  });
});
