import { readFile } from 'node:fs/promises';

import type { Command } from 'commander';

import { administering, type Administration } from '../../admin/administer.ts';
import { ifMatch, idempotencyKey } from '../../admin/admin-api.ts';
import {
  addAdminOptions,
  addConfirmationOption,
  addRevisionOption,
  type AdminFlags,
  type ConfirmationFlags,
  type RevisionFlags,
} from '../../admin/admin-options.ts';
import type { components } from '../../admin/api-types.ts';
import { confirm } from '../../admin/confirm.ts';
import { expectAnswer, expectDone } from '../../admin/expect-answer.ts';
import { formatFacts } from '../../admin/facts.ts';
import { formatTable } from '../../admin/table.ts';
import { usageError } from '../../command-error.ts';
import type { RunCommand } from '../run-command.ts';

type TrustedIssuer = components['schemas']['TrustedIssuer'];
type NewIssuer = components['schemas']['CreateTrustedIssuer'];

interface SettingsFlags extends AdminFlags {
  readonly kind?: NewIssuer['kind'];
  readonly label?: string;
  readonly jwksUri?: string;
  readonly jwksFile?: string;
  readonly singleUse?: boolean;
}

const PATH = '/admin/v1/trust/issuers/{issuerId}';

/** `trust issuers list|show|create|update|delete`. */
export function addTrustIssuersCommand(trust: Command, run: RunCommand): void {
  const issuers = trust.command('issuers').summary('whose tokens are accepted');
  addAdminOptions(issuers.command('list'))
    .summary('list trusted issuers')
    .addHelpText('after', '\nExample:\n  mcp-m2m trust issuers list --profile admin')
    .action(run(administering(listIssuers)));
  addAdminOptions(issuers.command('show <id>'))
    .summary('show a trusted issuer, with its revision')
    .addHelpText('after', '\nExample:\n  mcp-m2m trust issuers show 4f7a12 --profile admin')
    .action(run(administering(showIssuer)));
  addSettings(addAdminOptions(issuers.command('create <url>')))
    .summary('trust an issuer; prints its id')
    .option('--kind <kind>', 'workload, or id-jag for an identity provider of people', 'workload')
    .addHelpText(
      'after',
      '\nExample:\n  mcp-m2m trust issuers create https://token.actions.githubusercontent.com --label GitHub --profile admin',
    )
    .action(run(administering(createIssuer)));
  addSettings(addRevisionOption(addAdminOptions(issuers.command('update <id>'))))
    .summary('change a trusted issuer')
    .option('--no-single-use', 'its tokens can be used until they expire')
    .addHelpText('after', '\nExample:\n  mcp-m2m trust issuers update 4f7a12 --single-use --profile admin')
    .action(run(administering(updateIssuer)));
  addRevisionOption(addConfirmationOption(addAdminOptions(issuers.command('delete <id>'))))
    .summary('trust an issuer no longer; its rules are deleted as well')
    .addHelpText('after', '\nExample:\n  mcp-m2m trust issuers delete 4f7a12 --profile admin --yes')
    .action(run(administering(deleteIssuer)));
}

function addSettings(command: Command): Command {
  return command
    .option('--label <text>', 'what people call it')
    .option('--jwks-uri <url>', 'where its keys are; discovered unless given')
    .option('--jwks-file <path>', 'its keys, where it publishes none')
    .option('--single-use', 'each of its tokens can be used once');
}

async function listIssuers({ api, terminal, write }: Administration): Promise<undefined> {
  const { issuers } = await expectAnswer(api.GET('/admin/v1/trust/issuers'));
  write({ issuers }, () =>
    issuers.length === 0
      ? 'There is none; trust one with "mcp-m2m trust issuers create".'
      : formatTable(
          [
            { title: 'ID', of: ({ id }) => id },
            { title: 'ISSUER', of: ({ issuer }) => issuer },
            { title: 'KIND', of: ({ kind }) => kind },
            { title: 'LABEL', of: ({ label }) => label, shrinks: true },
          ],
          issuers,
          terminal.width,
        ),
  );
}

async function showIssuer(
  { api, write }: Administration,
  [issuerId = '']: readonly string[],
): Promise<undefined> {
  const issuer = await expectAnswer(api.GET(PATH, { params: { path: { issuerId } } }));
  write(issuer, () => describeIssuer(issuer));
}

async function createIssuer(
  { api, write, tell }: Administration,
  [issuer = '']: readonly string[],
  flags: SettingsFlags,
): Promise<undefined> {
  const { kind = 'workload', json } = flags;
  const created = await expectAnswer(
    api.POST('/admin/v1/trust/issuers', {
      params: { header: idempotencyKey() },
      body: { issuer, kind, ...(await settingsOf(flags)) },
    }),
  );
  tell(
    `${created.issuer} is trusted. A rule says for which client its tokens stand: "mcp-m2m trust rules create".`,
  );
  write(created, () => (json === true ? '' : created.id));
}

async function updateIssuer(
  { api, write, tell }: Administration,
  [issuerId = '']: readonly string[],
  flags: SettingsFlags & RevisionFlags,
): Promise<undefined> {
  const body = await settingsOf(flags);
  if (Object.keys(body).length === 0) throw usageError('Say what is to change, such as --label.');
  const path = { issuerId };
  const current = await expectAnswer(api.GET(PATH, { params: { path } }));
  const header = ifMatch(flags.revision ?? current.revision);
  const changed = await expectAnswer(api.PATCH(PATH, { params: { path, header }, body }));
  tell(`${changed.issuer} is changed.`);
  write(changed, () => describeIssuer(changed));
}

async function deleteIssuer(
  { api, terminal, tell }: Administration,
  [issuerId = '']: readonly string[],
  flags: AdminFlags & RevisionFlags & ConfirmationFlags,
): Promise<undefined> {
  await confirm(
    terminal,
    flags,
    `No token of the issuer ${issuerId} is accepted any more, and its rules are deleted.`,
  );
  await expectDone(api.DELETE(PATH, { params: { path: { issuerId }, header: ifMatch(flags.revision) } }));
  tell(`The issuer ${issuerId} is trusted no longer.`);
}

async function settingsOf({ label, jwksUri, jwksFile, singleUse }: SettingsFlags) {
  return {
    ...(label === undefined ? {} : { label }),
    ...(jwksUri === undefined ? {} : { jwksUri }),
    ...(jwksFile === undefined ? {} : { jwks: await readKeys(jwksFile) }),
    ...(singleUse === undefined ? {} : { singleUse }),
  };
}

async function readKeys(path: string): Promise<NonNullable<NewIssuer['jwks']>> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as NonNullable<NewIssuer['jwks']>;
    if (Array.isArray(value?.keys)) return value;
  } catch {
    // Said below.
  }
  throw usageError(`--jwks-file: ${path} must be a JSON object with "keys".`);
}

function describeIssuer(issuer: TrustedIssuer): string {
  return formatFacts([
    ['id', issuer.id],
    ['issuer', issuer.issuer],
    ['kind', issuer.kind],
    ['label', issuer.label],
    [
      'keys',
      issuer.jwksUri ?? (issuer.jwks === undefined ? 'discovered' : `${issuer.jwks.keys.length} given`),
    ],
    ['single use', issuer.singleUse ? 'yes' : 'no'],
    ['created', issuer.createdAt],
    ['changed', issuer.updatedAt],
    ['revision', issuer.revision],
  ]);
}
