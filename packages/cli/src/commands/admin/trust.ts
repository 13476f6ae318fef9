import type { Command } from 'commander';

import { administering, type Administration } from '../../admin/administer.ts';
import { addAdminOptions, type AdminFlags } from '../../admin/admin-options.ts';
import { expectAnswer } from '../../admin/expect-answer.ts';
import { formatFacts } from '../../admin/facts.ts';
import { formatTable } from '../../admin/table.ts';
import { describeCondition } from '../../admin/trust-conditions.ts';
import { collect } from '../../connection/connection-options.ts';
import { parsePairs } from '../../connection/read-flags.ts';
import type { RunCommand } from '../run-command.ts';
import { addDryRunCommand } from './trust-dry-run.ts';
import { addTrustIssuersCommand } from './trust-issuers.ts';
import { addTrustRulesCommand } from './trust-rules.ts';

interface FillFlags extends AdminFlags {
  readonly value?: readonly string[];
}

/** `trust issuers|rules|templates|dry-run`: whose tokens stand for clients. */
export function addTrustCommand(program: Command, run: RunCommand): void {
  const trust = program
    .command('trust')
    .summary('whose tokens stand for clients: platforms of workloads, identity providers')
    .description(
      'Says whose tokens are accepted instead of a secret (GitHub Actions, Kubernetes, SPIFFE and others), and for which client each stands.',
    );
  addTrustIssuersCommand(trust, run);
  addTrustRulesCommand(trust, run);
  const templates = trust.command('templates').summary('issuers and conditions that people have');
  addAdminOptions(templates.command('list'))
    .summary('list templates with the values they take')
    .addHelpText('after', '\nExample:\n  mcp-m2m trust templates list --profile admin')
    .action(run(administering(listTemplates)));
  addAdminOptions(templates.command('fill <template>'))
    .summary('see what issuer and conditions a template stands for; changes nothing')
    .option('--value <name=value>', 'a value of the template; repeat for several', collect)
    .addHelpText(
      'after',
      '\nExample:\n  mcp-m2m trust templates fill github-actions --value repository=octo-org/app --value ref=refs/heads/main --profile admin',
    )
    .action(run(administering(fillTemplate)));
  addDryRunCommand(trust, run);
}

async function listTemplates({ api, terminal, write }: Administration): Promise<undefined> {
  const { templates } = await expectAnswer(api.GET('/admin/v1/trust/templates'));
  write({ templates }, () =>
    formatTable(
      [
        { title: 'TEMPLATE', of: ({ name }) => name },
        { title: 'FOR', of: ({ label }) => label },
        {
          title: 'VALUES',
          of: ({ parameters }) =>
            parameters.map(({ name, required }) => (required ? name : `${name}?`)).join(', '),
          shrinks: true,
        },
      ],
      templates,
      terminal.width,
    ),
  );
}

async function fillTemplate(
  { api, write }: Administration,
  [name = '']: readonly string[],
  { value = [] }: FillFlags,
): Promise<undefined> {
  const filled = await expectAnswer(
    api.POST('/admin/v1/trust/templates/{name}', {
      params: { path: { name } },
      body: { values: { ...parsePairs(value, '--value') } },
    }),
  );
  write(filled, () =>
    formatFacts([
      ['issuer', filled.issuer],
      ['audience', filled.audience],
      ...filled.conditions.map((condition) => ['condition', describeCondition(condition)] as const),
    ]),
  );
}
