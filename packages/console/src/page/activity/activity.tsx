import { PageHead } from '../parts/page-head.tsx';
import { AuditTrail } from './audit-trail.tsx';
import { StatusFetches } from './status-fetches.tsx';
import { TokenUsage } from './token-usage.tsx';

/** What happened: tokens, refusals, changes. */
export function Activity() {
  return (
    <>
      <PageHead title="Activity">
        Tokens that were issued and refused, who changed what, and who knows of revocations.
      </PageHead>
      <div className="stack">
        <TokenUsage />
        <AuditTrail />
        <StatusFetches />
      </div>
    </>
  );
}
