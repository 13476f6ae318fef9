import { text as readAll } from 'node:stream/consumers';

import { sanitizeText } from '@mcp-m2m/core';
import type { Command } from 'commander';

import { administering, type Administration } from '../../admin/administer.ts';
import { addAdminOptions, type AdminFlags } from '../../admin/admin-options.ts';
import type { components } from '../../admin/api-types.ts';
import { expectAnswer } from '../../admin/expect-answer.ts';
import { usageError } from '../../command-error.ts';
import { readSecret } from '../../connection/read-secret.ts';
import { EXIT_CODES } from '../../exit-code.ts';
import type { Terminal } from '../../terminal.ts';
import type { RunCommand } from '../run-command.ts';

interface DryRunFlags extends AdminFlags {
  readonly tokenFile?: string;
  readonly tokenEnv?: string;
}

type Result = components['schemas']['DryRunResult'];

const MARKS = { passed: '✔', failed: '✘', 'not reached': '·' } as const;

/** `trust dry-run`: whether a token would be accepted, and why not. */
export function addDryRunCommand(trust: Command, run: RunCommand): void {
  addAdminOptions(trust.command('dry-run'))
    .summary('say step by step whether a token would be accepted; issues nothing')
    .description(
      'Reads a token from standard input, a file or the environment and says step by step how it would be judged. It is neither kept nor logged. Exit code 1: it would be refused.',
    )
    .option('--token-file <path>', 'file with the token')
    .option('--token-env <name>', 'environment variable with the token')
    .addHelpText(
      'after',
      '\nExample:\n  mcp-m2m trust dry-run --profile admin < /var/run/secrets/tokens/auth',
    )
    .action(run(administering(dryRun)));
}

async function dryRun(
  { api, terminal, write }: Administration,
  _positional: readonly string[],
  flags: DryRunFlags,
): Promise<number> {
  const token = await readToken(flags, terminal);
  const result = await expectAnswer(api.POST('/admin/v1/trust/dry-run', { body: { token } }));
  write(result, () => describe(result));
  return result.accepted ? EXIT_CODES.done : EXIT_CODES.failed;
}

async function readToken({ tokenFile, tokenEnv }: DryRunFlags, terminal: Terminal): Promise<string> {
  if (tokenFile !== undefined && tokenEnv !== undefined) {
    throw usageError('The token comes from one place: give --token-file or --token-env.');
  }
  if (tokenFile !== undefined) return (await readSecret({ file: tokenFile }, 'token', terminal)).trim();
  if (tokenEnv !== undefined) return (await readSecret({ env: tokenEnv }, 'token', terminal)).trim();
  if (terminal.interactive) return (await readSecret({ prompt: true }, 'token', terminal)).trim();
  const token = (await readAll(terminal.in)).trim();
  if (token === '') throw usageError('Give the token on standard input, or by --token-file or --token-env.');
  return token;
}

function describe({ summary, steps, rules }: Result): string {
  return [
    ...steps.map(({ step, outcome, expected, received }) => {
      const judged = outcome === 'failed' ? `: expected ${shown(expected)}, received ${shown(received)}` : '';
      return `${MARKS[outcome]} ${shown(step)}${judged}`;
    }),
    ...rules.map(({ ruleId, label, clientId, fulfilled, unmet }) =>
      [
        `${fulfilled ? MARKS.passed : MARKS.failed} rule ${shown(label ?? ruleId)} for ${shown(clientId)}`,
        ...unmet.map(
          ({ claim, expected, received }) =>
            `    ${shown(claim)}: expected ${shown(expected)}, received ${shown(received)}`,
        ),
      ].join('\n'),
    ),
    '',
    shown(summary),
  ].join('\n');
}

function shown(text: string | undefined): string {
  return sanitizeText(text ?? 'nothing', 500);
}
