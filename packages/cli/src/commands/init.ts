import { lstat, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { Command } from 'commander';

import { CommandError, usageError } from '../command-error.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { FRAMEWORKS, readTemplate, type Framework } from '../init/templates.ts';
import type { Terminal } from '../terminal.ts';
import type { RunCommand } from './run-command.ts';

/** `init express|koa|nestjs [folder]`: writes a protected MCP server that runs. */
export function addInitCommand(program: Command, run: RunCommand): void {
  program
    .command('init <framework> [folder]')
    .summary('write a protected MCP server that runs: express, koa or nestjs')
    .description(
      'Writes a small protected MCP server with one tool for every machine, one for machines with a further scope, and one for people. Never overwrites a file.',
    )
    .addHelpText('after', '\nExample:\n  mcp-m2m init express my-server')
    .action(run(init));
}

async function init(
  terminal: Terminal,
  [framework = '', given = '.']: readonly (string | undefined)[],
): Promise<number> {
  if (!isFramework(framework)) {
    throw usageError(`There is no template "${framework}"; there are ${FRAMEWORKS.join(', ')}.`);
  }
  const folder = path.resolve(given);
  const files = await readTemplate(framework, packageNameOf(folder));
  for (const file of files.keys()) {
    if (await isThere(path.join(folder, file))) {
      throw usageError(`${path.join(folder, file)} is there already; name a folder without it.`);
    }
  }
  try {
    await mkdir(folder, { recursive: true });
    for (const [file, text] of files) await writeFile(path.join(folder, file), text, { flag: 'wx' });
  } catch (error) {
    const { code = 'failure' } = error as NodeJS.ErrnoException;
    throw new CommandError(`${folder} cannot be written (${code}).`);
  }
  terminal.out.write(`${[...files.keys()].map((file) => path.join(given, file)).join('\n')}\n`);
  terminal.err.write(`\n${describeNextSteps(given)}\n`);
  return EXIT_CODES.done;
}

function describeNextSteps(folder: string): string {
  const enter = folder === '.' ? '' : `cd ${folder} && `;
  const scopes = '--scope greetings:read --scope greetings:write';
  return [
    'Next:',
    '',
    `  ${enter}npm install`,
    `  npx mcp-m2m serve --resource http://localhost:3000/mcp ${scopes}   # tokens, for trying; says how to go on`,
    '  npm start                                 # in another terminal',
    '  npx mcp-m2m doctor http://localhost:3000/mcp',
  ].join('\n');
}

function isFramework(text: string): text is Framework {
  return (FRAMEWORKS as readonly string[]).includes(text);
}

/** What the folder is called, as far as npm takes it as a name. */
function packageNameOf(folder: string): string {
  const name = path
    .basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
    .slice(0, 100);
  return name === '' ? 'mcp-server' : name;
}

async function isThere(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}
