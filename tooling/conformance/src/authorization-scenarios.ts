import { startOwnAuthorizationServer } from './authorization-server.ts';
import { isExpected, readExpectedFailures } from './expected-failures.ts';
import { isObjection, listAuthorizationRuns, runAuthorizationScenario } from './suite.ts';

/** What the suite said of the authorization server in one scenario. */
export interface AuthorizationVerdict {
  readonly title: string;
  /** Whether it objected to exactly what is expected. */
  readonly ok: boolean;
  readonly summary: string;
  /** Objections that nobody expects, and expected ones that did not come. */
  readonly surprises: readonly string[];
}

/** Where the issuer is. With a path its metadata are elsewhere, and nothing else differs. */
const PATHS = ['', '/tenants/one'];
const OF_EVERY_PATH = 'authorization-server-metadata-endpoint';

/** Runs every scenario of the suite for authorization servers against this project's, in each revision. */
export async function* judgeAuthorizationServer(): AsyncGenerator<AuthorizationVerdict> {
  const expected = await readExpectedFailures();
  const runs = await listAuthorizationRuns();
  for (const path of PATHS) {
    await using own = await startOwnAuthorizationServer(path);
    for (const run of runs) {
      if (path !== '' && run.scenario !== OF_EVERY_PATH) continue;
      const checks = await runAuthorizationScenario(own.issuer, run);
      const objections = checks.filter(({ status }) => isObjection(status));
      const surprises = objections
        .filter((check) => !isExpected(run.scenario, check, expected))
        .map(({ id, status, errorMessage = '' }) => `${status} ${id}: ${errorMessage}`);
      for (const { check } of expected) {
        const [scenario, id] = check.split(':');
        if (scenario === run.scenario && !objections.some((objection) => objection.id === id)) {
          surprises.push(`expected-failures.yml names ${check}, which the suite no longer objects to`);
        }
      }
      yield {
        title: `${run.scenario} ${run.revision ?? ''}${path === '' ? '' : `, issuer below ${path}`}`,
        ok: checks.length > 0 && surprises.length === 0,
        summary: `${checks.length} checks, ${objections.length} objections, ${surprises.length} surprises`,
        surprises,
      };
    }
  }
}
