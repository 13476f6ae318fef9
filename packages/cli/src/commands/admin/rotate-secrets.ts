import type { Command } from 'commander';

import { administering, type Administration } from '../../admin/administer.ts';
import { idempotencyKey } from '../../admin/admin-api.ts';
import {
  addAdminOptions,
  addConfirmationOption,
  type AdminFlags,
  type ConfirmationFlags,
} from '../../admin/admin-options.ts';
import type { components } from '../../admin/api-types.ts';
import { confirm } from '../../admin/confirm.ts';
import { expectAnswer, expectDone } from '../../admin/expect-answer.ts';
import { formatFacts } from '../../admin/facts.ts';
import { parseTimeAhead } from '../../admin/parse-time.ts';
import { addSecretOptions, openSecretDestination, type SecretFlags } from '../../admin/secret-destination.ts';
import type { RunCommand } from '../run-command.ts';

interface StartFlags extends AdminFlags, SecretFlags {
  readonly ends: string;
  readonly expires?: string;
}

type Readiness = components['schemas']['RotationReadiness'];

/** `secrets rotate start|status|finish|cancel`: a new secret in the place of the old one, without an interruption. */
export function addRotateCommand(secrets: Command, run: RunCommand): void {
  const rotate = secrets
    .command('rotate')
    .summary('replace a secret without an interruption')
    .description(
      'Start makes a new secret beside the old one; deploy it, look at the status until the old one is no longer used, then finish.',
    );
  addSecretOptions(addAdminOptions(rotate.command('start <client>')))
    .summary('make the new secret; the old one is valid until its end')
    .option('--ends <time>', 'when the old secret ends at the latest', '7d')
    .option('--expires <time>', 'when the new secret ends (never unless given)')
    .addHelpText(
      'after',
      '\nExample:\n  mcp-m2m secrets rotate start nightly-report --ends 7d --secret-out new-secret --profile admin',
    )
    .action(run(administering(start)));
  addAdminOptions(rotate.command('status <client>'))
    .summary('see whether the old secret is still in use, and what to do')
    .addHelpText('after', '\nExample:\n  mcp-m2m secrets rotate status nightly-report --profile admin')
    .action(run(administering(showStatus)));
  addConfirmationOption(addAdminOptions(rotate.command('finish <client>')))
    .summary('remove the old secret now')
    .addHelpText('after', '\nExample:\n  mcp-m2m secrets rotate finish nightly-report --profile admin --yes')
    .action(run(administering(finish)));
  addConfirmationOption(addAdminOptions(rotate.command('cancel <client>')))
    .summary('remove the new secret; the old one is as it was')
    .addHelpText('after', '\nExample:\n  mcp-m2m secrets rotate cancel nightly-report --profile admin --yes')
    .action(run(administering(cancel)));
}

async function start(
  administration: Administration,
  [clientId = '']: readonly string[],
  flags: StartFlags,
): Promise<undefined> {
  const { api, issuer, tell } = administration;
  const { ends, expires, json = false } = flags;
  const endsAt = parseTimeAhead(ends, '--ends');
  const expiresAt = expires === undefined ? {} : { expiresAt: parseTimeAhead(expires, '--expires') };
  const destination = await openSecretDestination(flags, administration);
  const { secret, ...document } = await expectAnswer(
    api.POST('/admin/v1/clients/{clientId}/rotation', {
      params: { path: { clientId }, header: idempotencyKey() },
      body: { endsAt, ...expiresAt },
    }),
  ).catch(async (error: unknown) => {
    await destination.abandon();
    throw error;
  });
  tell(
    `A new secret of ${clientId} is valid beside the old one, which ends on ${endsAt}. Deploy it, then see "mcp-m2m secrets rotate status ${clientId}".`,
  );
  await destination.reveal({ credential: { issuer, clientId, clientSecret: secret }, document, json });
}

async function readStatus(api: Administration['api'], clientId: string): Promise<Readiness> {
  return await expectAnswer(
    api.GET('/admin/v1/clients/{clientId}/rotation', { params: { path: { clientId } } }),
  );
}

async function showStatus(
  { api, write }: Administration,
  [clientId = '']: readonly string[],
): Promise<undefined> {
  const status = await readStatus(api, clientId);
  const { newSecret, oldSecrets } = status;
  write(
    status,
    () =>
      `${status.advice}\n\n${formatFacts([
        ['verdict', status.verdict],
        ['started', status.startedAt],
        ['ends', status.endsAt],
        ['new secret', `${newSecret.hint} last used ${newSecret.lastUsedAt ?? 'never'}`],
        ...oldSecrets.map(
          ({ hint, lastUsedAt }) => ['old secret', `${hint} last used ${lastUsedAt ?? 'never'}`] as const,
        ),
      ])}`,
  );
}

async function finish(
  { api, terminal, tell }: Administration,
  [clientId = '']: readonly string[],
  flags: AdminFlags & ConfirmationFlags,
): Promise<undefined> {
  const { advice } = await readStatus(api, clientId);
  await confirm(terminal, flags, `${advice} The old secret of ${clientId} ends now.`);
  const params = { path: { clientId }, header: idempotencyKey() };
  await expectDone(api.POST('/admin/v1/clients/{clientId}/rotation/finish', { params }));
  tell(`The old secret of ${clientId} has ended.`);
}

async function cancel(
  { api, terminal, tell }: Administration,
  [clientId = '']: readonly string[],
  flags: AdminFlags & ConfirmationFlags,
): Promise<undefined> {
  await confirm(
    terminal,
    flags,
    `The new secret of ${clientId} ends now; whoever has it gets no more tokens.`,
  );
  const params = { path: { clientId }, header: idempotencyKey() };
  await expectDone(api.POST('/admin/v1/clients/{clientId}/rotation/cancel', { params }));
  tell(`The rotation of ${clientId} is cancelled; the old secret is as it was.`);
}
