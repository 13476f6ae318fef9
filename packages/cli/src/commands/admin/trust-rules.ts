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
import { describeCondition, readConditions, type ConditionFlags } from '../../admin/trust-conditions.ts';
import { usageError } from '../../command-error.ts';
import { collect } from '../../connection/connection-options.ts';
import { parsePairs } from '../../connection/read-flags.ts';
import type { RunCommand } from '../run-command.ts';

type TrustRule = components['schemas']['TrustRule'];

interface ListFlags extends AdminFlags {
  readonly trustedIssuer?: string;
  readonly client?: string;
}

interface RuleFlags extends AdminFlags, ConditionFlags {
  readonly template?: string;
  readonly value?: readonly string[];
  readonly audience?: string;
  readonly label?: string;
}

interface CreateFlags extends RuleFlags {
  readonly trustedIssuer: string;
  readonly client: string;
}

const PATH = '/admin/v1/trust/rules/{ruleId}';

/** `trust rules list|show|create|update|delete`. */
export function addTrustRulesCommand(trust: Command, run: RunCommand): void {
  const rules = trust.command('rules').summary('for which client tokens of a trusted issuer stand');
  addAdminOptions(rules.command('list'))
    .summary('list rules')
    .option('--trusted-issuer <id>', 'those of this issuer')
    .option('--client <client>', 'those for this client')
    .addHelpText('after', '\nExample:\n  mcp-m2m trust rules list --client deployer --profile admin')
    .action(run(administering(listRules)));
  addAdminOptions(rules.command('show <id>'))
    .summary('show a rule, with its revision')
    .addHelpText('after', '\nExample:\n  mcp-m2m trust rules show 4f7a12 --profile admin')
    .action(run(administering(showRule)));
  addSettings(addAdminOptions(rules.command('create')))
    .summary('create a rule; all of its conditions have to be fulfilled')
    .requiredOption('--trusted-issuer <id>', 'whose tokens are meant, by its id')
    .requiredOption('--client <client>', 'for which client they stand')
    .addHelpText(
      'after',
      `
Examples:
  mcp-m2m trust rules create --trusted-issuer 4f7a12 --client deployer --template github-actions --value repository=octo-org/app --value ref=refs/heads/main
  mcp-m2m trust rules create --trusted-issuer 4f7a12 --client deployer --equals sub=system:serviceaccount:ci:deployer`,
    )
    .action(run(administering(createRule)));
  addSettings(addRevisionOption(addAdminOptions(rules.command('update <id>'))))
    .summary('change a rule; conditions replace those it had')
    .addHelpText(
      'after',
      '\nExample:\n  mcp-m2m trust rules update 4f7a12 --label "main branch" --profile admin',
    )
    .action(run(administering(updateRule)));
  addRevisionOption(addConfirmationOption(addAdminOptions(rules.command('delete <id>'))))
    .summary('delete a rule')
    .addHelpText('after', '\nExample:\n  mcp-m2m trust rules delete 4f7a12 --profile admin --yes')
    .action(run(administering(deleteRule)));
}

function addSettings(command: Command): Command {
  return command
    .option('--template <name>', 'conditions from a template (see "mcp-m2m trust templates list")')
    .option('--value <name=value>', 'a value of the template; repeat for several', collect)
    .option('--equals <claim=value>', 'a claim has this value; repeat for several', collect)
    .option('--one-of <claim=value,…>', 'a claim has one of these values; repeat for several', collect)
    .option('--matches <claim=pattern>', 'a claim fits, * stands for one part; repeat for several', collect)
    .option('--conditions <path>', 'JSON array of conditions, for claims within claims')
    .option('--audience <audience>', 'what the token is for, where that cannot be the issuer of this server')
    .option('--label <text>', 'what people call it');
}

async function listRules(
  { api, terminal, write }: Administration,
  _positional: readonly string[],
  { trustedIssuer, client }: ListFlags,
): Promise<undefined> {
  const query = {
    ...(trustedIssuer === undefined ? {} : { issuerId: trustedIssuer }),
    ...(client === undefined ? {} : { clientId: client }),
  };
  const { rules } = await expectAnswer(api.GET('/admin/v1/trust/rules', { params: { query } }));
  write({ rules }, () =>
    rules.length === 0
      ? 'There is no such rule.'
      : formatTable(
          [
            { title: 'ID', of: ({ id }) => id },
            { title: 'CLIENT', of: ({ clientId }) => clientId },
            { title: 'LABEL', of: ({ label }) => label, shrinks: true },
            {
              title: 'CONDITIONS',
              of: ({ conditions }) => conditions.map(describeCondition).join('; '),
              shrinks: true,
            },
          ],
          rules,
          terminal.width,
        ),
  );
}

async function showRule(
  { api, write }: Administration,
  [ruleId = '']: readonly string[],
): Promise<undefined> {
  const rule = await expectAnswer(api.GET(PATH, { params: { path: { ruleId } } }));
  write(rule, () => describeRule(rule));
}

async function createRule(
  { api, write, tell }: Administration,
  _positional: readonly string[],
  flags: CreateFlags,
): Promise<undefined> {
  const { trustedIssuer: issuerId, client: clientId, json } = flags;
  const { conditions = [], ...settings } = await settingsOf(api, flags);
  if (conditions.length === 0) {
    throw usageError('Say which tokens are meant: --template with --value, --equals, --one-of or --matches.');
  }
  const created = await expectAnswer(
    api.POST('/admin/v1/trust/rules', {
      params: { header: idempotencyKey() },
      body: { issuerId, clientId, ...settings, conditions },
    }),
  );
  tell(`Tokens that fulfil it stand for ${clientId} now. Try one: "mcp-m2m trust dry-run".`);
  write(created, () => (json === true ? '' : created.id));
}

async function updateRule(
  { api, write, tell }: Administration,
  [ruleId = '']: readonly string[],
  flags: RuleFlags & RevisionFlags,
): Promise<undefined> {
  const body = await settingsOf(api, flags);
  if (Object.keys(body).length === 0) throw usageError('Say what is to change, such as --label or --equals.');
  const path = { ruleId };
  const current = await expectAnswer(api.GET(PATH, { params: { path } }));
  const header = ifMatch(flags.revision ?? current.revision);
  const changed = await expectAnswer(api.PATCH(PATH, { params: { path, header }, body }));
  tell(`The rule ${ruleId} is changed.`);
  write(changed, () => describeRule(changed));
}

async function deleteRule(
  { api, terminal, tell }: Administration,
  [ruleId = '']: readonly string[],
  flags: AdminFlags & RevisionFlags & ConfirmationFlags,
): Promise<undefined> {
  await confirm(terminal, flags, `Tokens that fulfil the rule ${ruleId} stand for its client no longer.`);
  await expectDone(api.DELETE(PATH, { params: { path: { ruleId }, header: ifMatch(flags.revision) } }));
  tell(`The rule ${ruleId} is deleted.`);
}

async function settingsOf(api: Administration['api'], flags: RuleFlags) {
  const { template, value = [], label } = flags;
  const filled =
    template === undefined
      ? undefined
      : await expectAnswer(
          api.POST('/admin/v1/trust/templates/{name}', {
            params: { path: { name: template } },
            body: { values: { ...parsePairs(value, '--value') } },
          }),
        );
  const conditions = [...(filled?.conditions ?? []), ...(await readConditions(flags))];
  const audience = flags.audience ?? filled?.audience;
  return {
    ...(conditions.length === 0 ? {} : { conditions }),
    ...(audience === undefined ? {} : { audience }),
    ...(label === undefined ? {} : { label }),
  };
}

function describeRule(rule: TrustRule): string {
  return formatFacts([
    ['id', rule.id],
    ['client', rule.clientId],
    ['issuer', rule.issuerId],
    ['label', rule.label],
    ['audience', rule.audience],
    ...rule.conditions.map((condition) => ['condition', describeCondition(condition)] as const),
    ['created', rule.createdAt],
    ['changed', rule.updatedAt],
    ['revision', rule.revision],
  ]);
}
