import type { Command } from 'commander';

import { administering, type Administration } from '../../admin/administer.ts';
import { ifMatch, idempotencyKey } from '../../admin/admin-api.ts';
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
import { addSecretOptions, openSecretDestination, type SecretFlags } from '../../admin/secret-destination.ts';
import { formatTable } from '../../admin/table.ts';
import type { RunCommand } from '../run-command.ts';
import { addRotateCommand } from './rotate-secrets.ts';

interface CreateFlags extends AdminFlags, SecretFlags {
  readonly expires?: string;
}

/** `secrets list|create|delete|rotate`: the secrets of a client. */
export function addSecretsCommand(program: Command, run: RunCommand): void {
  const secrets = program
    .command('secrets')
    .summary('the secrets of a client, and their rotation')
    .description(
      'Lists, adds and deletes the secrets of a client, and replaces them without an interruption.',
    );
  addAdminOptions(secrets.command('list <client>'))
    .summary('list the secrets of a client, by hint and state')
    .addHelpText('after', '\nExample:\n  mcp-m2m secrets list nightly-report --profile admin')
    .action(run(administering(listSecrets)));
  addSecretOptions(addAdminOptions(secrets.command('create <client>')))
    .summary('add a secret; the others stay valid')
    .option('--expires <time>', 'when it ends: a date, a time, or a span such as 90d')
    .addHelpText(
      'after',
      '\nExample:\n  mcp-m2m secrets create nightly-report --expires 90d --secret-out secret --profile admin',
    )
    .action(run(administering(createSecret)));
  addConfirmationOption(addAdminOptions(secrets.command('delete <client> <secret>')))
    .summary('delete a secret by its id')
    .addHelpText('after', '\nExample:\n  mcp-m2m secrets delete nightly-report 4f7a12 --profile admin --yes')
    .action(run(administering(deleteSecret)));
  addRotateCommand(secrets, run);
}

async function listSecrets(
  { api, terminal, write }: Administration,
  [clientId = '']: readonly string[],
): Promise<undefined> {
  const { secrets } = await expectAnswer(
    api.GET('/admin/v1/clients/{clientId}/secrets', { params: { path: { clientId } } }),
  );
  write({ secrets }, () =>
    secrets.length === 0
      ? 'The client has no secret.'
      : formatTable(
          [
            { title: 'ID', of: ({ id }) => id },
            { title: 'HINT', of: ({ hint }) => hint },
            { title: 'STATE', of: ({ state }) => state },
            { title: 'CREATED', of: ({ createdAt }) => shortTime(createdAt) },
            { title: 'EXPIRES', of: ({ expiresAt }) => shortTime(expiresAt) ?? 'never' },
            { title: 'LAST USED', of: ({ lastUsedAt }) => shortTime(lastUsedAt) ?? 'never' },
          ],
          secrets,
          terminal.width,
        ),
  );
}

async function createSecret(
  administration: Administration,
  [clientId = '']: readonly string[],
  flags: CreateFlags,
): Promise<undefined> {
  const { api, issuer, tell } = administration;
  const { expires, json = false } = flags;
  const body = expires === undefined ? {} : { expiresAt: parseTimeAhead(expires, '--expires') };
  const destination = await openSecretDestination(flags, administration);
  const { secret, ...document } = await expectAnswer(
    api.POST('/admin/v1/clients/{clientId}/secrets', {
      params: { path: { clientId }, header: idempotencyKey() },
      body,
    }),
  ).catch(async (error: unknown) => {
    await destination.abandon();
    throw error;
  });
  tell(`Client ${clientId} has a further secret, ${document.id}.`);
  await destination.reveal({ credential: { issuer, clientId, clientSecret: secret }, document, json });
}

async function deleteSecret(
  { api, terminal, tell }: Administration,
  [clientId = '', secretId = '']: readonly string[],
  flags: AdminFlags & ConfirmationFlags,
): Promise<undefined> {
  await confirm(terminal, flags, `Whoever uses the secret ${secretId} of ${clientId} gets no more tokens.`);
  await expectDone(
    api.DELETE('/admin/v1/clients/{clientId}/secrets/{secretId}', {
      params: { path: { clientId, secretId }, header: ifMatch(undefined) },
    }),
  );
  tell(`Secret ${secretId} of ${clientId} is deleted.`);
}
