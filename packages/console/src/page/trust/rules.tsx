import type { UseQueryResult } from '@tanstack/react-query';

import { admin, take, type AdminSchemas } from '../api/calls.ts';
import { Confirm } from '../parts/confirm.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { ForeignText } from '../parts/foreign-text.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Panel } from '../parts/panel.tsx';
import { hrefTo } from '../shell/route.ts';
import { sayCondition } from './conditions.ts';

type Rule = AdminSchemas['TrustRule'];

/** The rules, and taking one away. */
export function Rules({
  rules,
  issuers,
  onChange,
}: {
  rules: UseQueryResult<AdminSchemas['TrustRuleList']>;
  issuers: readonly AdminSchemas['TrustedIssuer'][];
  onChange: () => void;
}) {
  const columns: readonly Column<Rule>[] = [
    {
      title: 'Client',
      heading: true,
      cell: ({ clientId, label }) => (
        <>
          <a className="wrap-anywhere" href={hrefTo('clients', 'of', clientId)}>
            {clientId}
          </a>
          {label !== undefined && (
            <div className="dimmed small">
              <ForeignText text={label} />
            </div>
          )}
        </>
      ),
    },
    {
      title: 'Issuer',
      cell: ({ issuerId }) => (
        <span className="wrap-anywhere">{issuers.find(({ id }) => id === issuerId)?.issuer ?? issuerId}</span>
      ),
    },
    {
      title: 'When',
      cell: ({ conditions, audience }) => (
        <ul className="plain-list">
          {conditions.map((condition) => (
            <li key={JSON.stringify(condition)}>
              <ForeignText text={sayCondition(condition)} />
            </li>
          ))}
          {audience !== undefined && <li className="wrap-anywhere">audience is {audience}</li>}
        </ul>
      ),
    },
    {
      title: 'Action',
      cell: ({ id, clientId }) => (
        <Confirm
          label="Delete"
          title={`Delete this rule for ${clientId}?`}
          action={() =>
            take(admin.DELETE('/admin/v1/trust/rules/{ruleId}', { params: { path: { ruleId: id } } }))
          }
          onDone={onChange}
        >
          Workloads that it lets in get no token any more.
        </Confirm>
      ),
    },
  ];
  return (
    <Panel title="Rules">
      <Loaded query={rules}>
        {({ rules: found }) => (
          <DataTable
            label="Trust rules"
            columns={columns}
            rows={found}
            keyOf={({ id }) => id}
            empty="There is no rule yet."
          />
        )}
      </Loaded>
    </Panel>
  );
}
