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
import { expectAnswer, expectDone } from '../../admin/expect-answer.ts';
import { parseTimeAhead } from '../../admin/parse-time.ts';
import { readPublicKey } from '../../admin/public-key.ts';
import { formatTable } from '../../admin/table.ts';
import type { RunCommand } from '../run-command.ts';

interface ExpiryFlags extends AdminFlags {
  readonly expires?: string;
}

/** `client-keys list|add|expire|remove`: the public keys of a client. */
export function addClientKeysCommand(program: Command, run: RunCommand): void {
  const keys = program
    .command('client-keys')
    .summary('the public keys of a client')
    .description(
      'Lists, adds and removes the public keys by which a client is known. Keys overlap: add, deploy, remove.',
    );
  addAdminOptions(keys.command('list <client>'))
    .summary('list the public keys of a client')
    .addHelpText('after', '\nExample:\n  mcp-m2m client-keys list deployer --profile admin')
    .action(run(administering(listKeys)));
  addAdminOptions(keys.command('add <client> <file>'))
    .summary('register a public key from a file, PEM or JWK; the others stay valid')
    .option('--expires <time>', 'when it ends: a date, a time, or a span such as 90d')
    .addHelpText(
      'after',
      `
Example:
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem
  openssl pkey -in key.pem -pubout -out key.pub.pem
  mcp-m2m client-keys add deployer key.pub.pem --expires 365d --profile admin`,
    )
    .action(run(administering(addKey)));
  addAdminOptions(keys.command('expire <client> <key>'))
    .summary('set when a key ends')
    .requiredOption('--expires <time>', 'a date, a time, a span such as 7d, or "never"')
    .addHelpText(
      'after',
      '\nExample:\n  mcp-m2m client-keys expire deployer 4f7a12 --expires 7d --profile admin',
    )
    .action(run(administering(expireKey)));
  addConfirmationOption(addAdminOptions(keys.command('remove <client> <key>')))
    .summary('remove a key')
    .addHelpText('after', '\nExample:\n  mcp-m2m client-keys remove deployer 4f7a12 --profile admin --yes')
    .action(run(administering(removeKey)));
}

async function listKeys(
  { api, terminal, write }: Administration,
  [clientId = '']: readonly string[],
): Promise<undefined> {
  const { keys } = await expectAnswer(
    api.GET('/admin/v1/clients/{clientId}/keys', { params: { path: { clientId } } }),
  );
  write({ keys }, () =>
    keys.length === 0
      ? 'No key of the client is registered here.'
      : formatTable(
          [
            { title: 'ID', of: ({ id }) => id },
            {
              title: 'KIND',
              of: ({ publicKey: { kty, crv } }) => (typeof crv === 'string' ? `${kty} ${crv}` : kty),
            },
            { title: 'STATE', of: ({ state }) => state },
            { title: 'CREATED', of: ({ createdAt }) => shortTime(createdAt) },
            { title: 'EXPIRES', of: ({ expiresAt }) => shortTime(expiresAt) ?? 'never' },
            { title: 'LAST USED', of: ({ lastUsedAt }) => shortTime(lastUsedAt) ?? 'never' },
          ],
          keys,
          terminal.width,
        ),
  );
}

async function addKey(
  { api, write, tell }: Administration,
  [clientId = '', file = '']: readonly string[],
  { expires, json }: ExpiryFlags,
): Promise<undefined> {
  const expiresAt = expires === undefined ? {} : { expiresAt: parseTimeAhead(expires, '--expires') };
  const publicKey = await readPublicKey(file);
  const key = await expectAnswer(
    api.POST('/admin/v1/clients/{clientId}/keys', {
      params: { path: { clientId }, header: idempotencyKey() },
      body: { publicKey, ...expiresAt },
    }),
  );
  tell(`Client ${clientId} has a further key.`);
  write(key, () => (json === true ? '' : key.id));
}

async function expireKey(
  { api, tell }: Administration,
  [clientId = '', keyId = '']: readonly string[],
  { expires = '' }: ExpiryFlags,
): Promise<undefined> {
  const expiresAt = expires === 'never' ? null : parseTimeAhead(expires, '--expires');
  await expectDone(
    api.PATCH('/admin/v1/clients/{clientId}/keys/{keyId}', {
      params: { path: { clientId, keyId } },
      body: { expiresAt },
    }),
  );
  tell(`Key ${keyId} of ${clientId} ${expiresAt === null ? 'does not end' : `ends on ${expiresAt}`}.`);
}

async function removeKey(
  { api, terminal, tell }: Administration,
  [clientId = '', keyId = '']: readonly string[],
  flags: AdminFlags & ConfirmationFlags,
): Promise<undefined> {
  await confirm(terminal, flags, `Whoever signs with the key ${keyId} of ${clientId} gets no more tokens.`);
  await expectDone(
    api.DELETE('/admin/v1/clients/{clientId}/keys/{keyId}', { params: { path: { clientId, keyId } } }),
  );
  tell(`Key ${keyId} of ${clientId} is removed.`);
}
