// Runs every check of the workspace, or the tasks named on the command line, and ends with what a reader looks for:
// what failed, and the totals.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { stripVTControlCharacters } from 'node:util';

const named = process.argv.slice(2);
const TASKS = named.length > 0 ? named : ['build', 'typecheck', 'lint', 'format:check', 'test'];
// One more than there are cores, as tests wait too. With many more, those with a time budget run out of it.
const CONCURRENCY = `--concurrency=${availableParallelism() + 1}`;
const OPTIONS = ['--output-logs=full', '--log-order=grouped', '--continue'];

let { exitCode, output } = await runTasks(CONCURRENCY);
if (exitCode !== 0) {
  // What passed is not run again, its output is read from the cache. What fails by itself as well is no accident
  // of a busy machine.
  console.log('\nSomething failed. Once more, one task at a time:');
  const first = failuresIn(output);
  ({ exitCode, output } = await runTasks('--concurrency=1'));
  if (exitCode === 0) console.log(`\nFailed beside other tasks and passed alone:\n${first.join('\n')}`);
}

const lines = linesOf(output);
const totalOf = (word: string): number =>
  lines
    .filter((line) => /:\s+Tests\s/.test(line))
    .reduce((sum, line) => sum + Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0), 0);
const failures = failuresIn(output);
if (failures.length > 0) console.log(`\nWhat failed:\n${failures.join('\n')}`);
const failed = Math.max(totalOf('failed'), exitCode === 0 ? 0 : 1);
console.log(`\nTests: ${totalOf('passed')} passed, ${failed} failed`);
process.exitCode = exitCode;

async function runTasks(concurrency: string): Promise<{ exitCode: number; output: string }> {
  const child = spawn('turbo', ['run', ...TASKS, ...OPTIONS, concurrency], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const [stream, sink] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      sink.write(chunk);
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { exitCode: code ?? 1, output: printed };
}

function linesOf(text: string): string[] {
  return stripVTControlCharacters(text).split('\n');
}

function failuresIn(text: string): string[] {
  return [...new Set(linesOf(text).filter((line) => /:\s+FAIL\s|: error TS|ERROR {2}command/.test(line)))];
}
