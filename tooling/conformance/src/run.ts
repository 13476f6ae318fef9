// Runs every scenario of the public suite about a client's authorization, those of machines once more with this
// project's authorization server in the place of the suite's, then those for authorization servers, then those for
// servers against every protected sample, and ends with a line of totals.
import { judgeAuthorizationServer } from './authorization-scenarios.ts';
import { runMachineScenarios } from './machine-scenarios.ts';
import { compareSample } from './sample-comparison.ts';
import { SAMPLES } from './sample-servers.ts';
import { isObjection, listScenarioRuns, runScenario, type ScenarioRun, type Verdict } from './suite.ts';

const PARALLEL = 2;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
const runs = (await listScenarioRuns()).map((run) => ({ run, ...Promise.withResolvers<Verdict>() }));
const waiting = runs.values();
for (let worker = 0; worker < PARALLEL; worker++) {
  void (async () => {
    for (const { run, resolve, reject } of waiting) await runScenario(run).then(resolve, reject);
  })();
}

let passed = 0;
for (const { run, promise } of runs) {
  const verdict = await promise;
  if (verdict.ok) passed++;
  report(run, verdict);
}

let further = 0;
for await (const { title, ok, summary, output } of runMachineScenarios()) {
  tell(title, ok, summary);
  if (!ok) console.log(output.replaceAll(/^/gm, '      '));
}
for await (const { title, ok, summary, surprises } of judgeAuthorizationServer()) {
  tell(title, ok, summary);
  for (const surprise of surprises) console.log(`      ${surprise}`);
}
for (const sample of SAMPLES) {
  for (const { title, scenarios, passedBare, lost } of await compareSample(sample)) {
    const ok = passedBare > 0 && lost.length === 0;
    const verdict = `${scenarios} scenarios, ${passedBare} checks pass without protection`;
    tell(title, ok, `${verdict}, ${lost.length} of them not with it`);
    for (const name of lost) console.log(`      lost: ${name}`);
  }
}
const failed = runs.length + further - passed;
console.log(`\nConformance: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function tell(title: string, ok: boolean, summary: string): void {
  further++;
  if (ok) passed++;
  console.log(`${ok ? 'pass' : 'FAIL'}  ${title}  ${summary}`);
}

function report({ scenario, revision }: ScenarioRun, { ok, checks, output }: Verdict): void {
  const name = revision === undefined ? scenario : `${scenario} ${revision}`;
  const warnings = checks.filter(({ status }) => status === 'WARNING').length;
  const objections = checks.filter(({ status }) => isObjection(status));
  const counts = `${checks.length} checks, ${objections.length - warnings} failed, ${warnings} warnings`;
  console.log(`${ok ? 'pass' : 'FAIL'}  ${name}  ${counts}`);
  for (const { id, status, description = '', errorMessage = '' } of objections) {
    console.log(`      ${status} ${id}: ${description} ${errorMessage}`);
  }
  // What the suite objects to is in its checks; a client that ended badly is only in what it printed.
  if (!ok && objections.length === 0) console.log(output.replaceAll(/^/gm, '      '));
}
