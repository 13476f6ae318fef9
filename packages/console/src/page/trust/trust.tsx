import { useQuery, useQueryClient } from '@tanstack/react-query';

import { admin, take } from '../api/calls.ts';
import { PageHead } from '../parts/page-head.tsx';
import { DryRun } from './dry-run.tsx';
import { Issuers } from './issuers.tsx';
import { RuleForm } from './rule-form.tsx';
import { Rules } from './rules.tsx';

/** Whose tokens stand for clients: platforms of workloads, and identity providers. */
export function Trust() {
  const queries = useQueryClient();
  const issuers = useQuery({
    queryKey: ['trust', 'issuers'],
    queryFn: () => take(admin.GET('/admin/v1/trust/issuers')),
  });
  const rules = useQuery({
    queryKey: ['trust', 'rules'],
    queryFn: () => take(admin.GET('/admin/v1/trust/rules', { params: { query: {} } })),
  });
  const refresh = (): void => void queries.invalidateQueries({ queryKey: ['trust'] });
  return (
    <>
      <PageHead title="Trust">
        A workload shows the token of its platform, and a rule says for which client it stands. No secret is
        handed out.
      </PageHead>
      <div className="stack">
        <Rules rules={rules} issuers={issuers.data?.issuers ?? []} onChange={refresh} />
        <RuleForm issuers={issuers.data?.issuers ?? []} onChange={refresh} />
        <Issuers issuers={issuers} onChange={refresh} />
        <DryRun />
      </div>
    </>
  );
}
