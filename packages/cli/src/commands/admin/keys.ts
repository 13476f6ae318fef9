import { sanitizeText } from '@mcp-m2m/core';
import type { Command } from 'commander';

import { administering, type Administration } from '../../admin/administer.ts';
import { idempotencyKey } from '../../admin/admin-api.ts';
import {
  addAdminOptions,
  addConfirmationOption,
  type AdminFlags,
  type ConfirmationFlags,
} from '../../admin/admin-options.ts';
import { shortTime } from '../../admin/client-view.ts';
import { confirm } from '../../admin/confirm.ts';
import { expectAnswer } from '../../admin/expect-answer.ts';
import { formatTable } from '../../admin/table.ts';
import type { RunCommand } from '../run-command.ts';

interface RotateFlags extends AdminFlags {
  readonly signingAlgorithm?: 'ES256' | 'EdDSA' | 'RS256';
}

/** `keys list|rotate|retire`: what access tokens are signed with. */
export function addKeysCommand(program: Command, run: RunCommand): void {
  const keys = program
    .command('keys')
    .summary('the keys that access tokens are signed with')
    .description(
      'Lists the signing keys of the authorization server, rotates them, and takes one out of use.',
    );
  addAdminOptions(keys.command('list'))
    .summary('list the published signing keys: next, current and previous')
    .addHelpText('after', '\nExample:\n  mcp-m2m keys list --profile admin')
    .action(run(administering(listKeys)));
  addAdminOptions(keys.command('rotate'))
    .summary('have the next key sign as soon as every copy of the key set has it')
    .option('--signing-algorithm <name>', 'ES256, EdDSA or RS256; as before unless given')
    .addHelpText('after', '\nExample:\n  mcp-m2m keys rotate --profile admin')
    .action(run(administering(rotateKey)));
  addConfirmationOption(addAdminOptions(keys.command('retire <key>')))
    .summary('take a key out of use that must not be trusted any more')
    .addHelpText('after', '\nExample:\n  mcp-m2m keys retire w7Jq --profile admin --yes')
    .action(run(administering(retireKey)));
}

async function listKeys({ api, terminal, write }: Administration): Promise<undefined> {
  const { keys } = await expectAnswer(api.GET('/admin/v1/signing-keys'));
  write({ keys }, () =>
    formatTable(
      [
        { title: 'KEY', of: ({ keyId }) => keyId },
        { title: 'ALGORITHM', of: ({ algorithm }) => algorithm },
        { title: 'STATE', of: ({ state }) => state },
        { title: 'HELD BY', of: ({ heldBy }) => heldBy.replace('_', ' ') },
        { title: 'SIGNS FROM', of: ({ activeFrom }) => shortTime(activeFrom) },
        { title: 'RETIRES', of: ({ retiresAt }) => shortTime(retiresAt) },
      ],
      keys,
      terminal.width,
    ),
  );
}

async function rotateKey(
  { api, write, tell }: Administration,
  _positional: readonly string[],
  { signingAlgorithm, json }: RotateFlags,
): Promise<undefined> {
  const key = await expectAnswer(
    api.POST('/admin/v1/signing-keys/rotate', {
      params: { header: idempotencyKey() },
      body: signingAlgorithm === undefined ? {} : { algorithm: signingAlgorithm },
    }),
  );
  tell(
    `This key (${key.algorithm}) signs from ${key.activeFrom} on; until then every copy of the key set gets it.`,
  );
  write(key, () => (json === true ? '' : key.keyId));
}

async function retireKey(
  { api, terminal, write }: Administration,
  [keyId = '']: readonly string[],
  flags: AdminFlags & ConfirmationFlags,
): Promise<undefined> {
  await confirm(
    terminal,
    flags,
    `Tokens signed with the key ${keyId} are refused once the key set is fetched anew.`,
  );
  const retired = await expectAnswer(
    api.POST('/admin/v1/signing-keys/{keyId}/retire', {
      params: { path: { keyId }, header: idempotencyKey() },
    }),
  );
  write(retired, () => sanitizeText(retired.meaning, 1000));
}
