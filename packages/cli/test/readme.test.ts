import { readFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';

import { runCommand } from './command-line.ts';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');

/** Every command line of a text, without the program's name. */
function commandLines(text: string): readonly string[] {
  const joined = text.replaceAll(/\\\n\s*/g, '');
  return [...joined.matchAll(/(?:^|\| |\$\()\s*(?:\w+=\S+ )?(?:npx )?mcp-m2m ([a-z].*?)\)?$/gm)].flatMap(
    ([, line = '']) => line.split(/ && | # | {2,}# | \| /, 1).map((one) => one.trim()),
  );
}

/** The words that name the command, as far as it has commands of its own, and its help. */
async function helpOf(line: string): Promise<{ path: string; help: string }> {
  const path: string[] = [];
  let help = (await runCommand(['--help'])).out;
  for (const word of line.split(' ')) {
    if (!new RegExp(`^  ${word.replaceAll(/[^\w-]/g, '.')} `, 'm').test(help) || !help.includes('[command]'))
      break;
    path.push(word);
    help = (await runCommand([...path, '--help'])).out;
  }
  return { path: path.join(' '), help };
}

/** What a command line has that its command does not know. */
async function unknownOptions(line: string): Promise<readonly string[]> {
  const { path, help } = await helpOf(line);
  if (path === '') return [`no such command: ${line}`];
  const options = line.match(/(?<= )--?[a-z][\w-]*/g) ?? [];
  return options.filter((option) => !new RegExp(`(?:^|[ ,])${option}(?:[ ,]|$)`, 'm').test(help));
}

describe('what the README says', () => {
  it.each(commandLines(readme))('mcp-m2m %s', async (line) => {
    expect(await unknownOptions(line)).toEqual([]);
  });

  it('has every command', async () => {
    const commands = (await runCommand(['--help'])).out.match(/^ {2}[a-z][a-z-]*(?= )/gm) ?? [];
    expect(commands.length).toBeGreaterThan(14);
    for (const command of commands) {
      if (command.trim() === 'help') continue;
      expect(readme, command).toContain(`mcp-m2m ${command.trim()}`);
    }
  });
});

describe('what the help says', () => {
  it('shows commands and options that are there', async () => {
    const paths = new Set(
      await Promise.all(commandLines(readme).map(async (line) => (await helpOf(line)).path)),
    );
    const wrong: string[] = [];
    let shown = 0;
    for (const path of paths) {
      for (const line of commandLines((await runCommand([...path.split(' '), '--help'])).out)) {
        shown++;
        wrong.push(...(await unknownOptions(line)).map((option) => `${line}: ${option}`));
      }
    }
    expect(wrong).toEqual([]);
    expect(shown).toBeGreaterThan(30);
  });
});
