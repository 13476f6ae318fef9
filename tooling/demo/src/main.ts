// Tells the whole story once and prints it as a table. Exit code 0 only when every step went as expected.
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Table from 'cli-table3';
import { stopEverything } from './processes.ts';
import type { Step } from './step.ts';
import { tellStory } from './story.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'mcp-m2m-demo-'));
const steps: Step[] = [];
let failure: unknown;
let interrupted = false;

// Whatever ends this process, nothing of it stays behind.
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    interrupted = true;
    console.error('Interrupted.');
    void stopEverything().finally(() => process.exit(130));
  });
}

try {
  for await (const step of tellStory(folder)) {
    if (interrupted) break;
    steps.push(step);
  }
} catch (error) {
  failure = error;
}
// The handler of the signal ends the process, once everything has stopped.
if (interrupted) await new Promise(() => undefined);
await stopEverything();

const table = new Table({
  head: ['', 'step', 'expected', 'what happened'],
  colWidths: [4, 26, 27, 61],
  wordWrap: true,
  style: process.stdout.isTTY ? {} : { head: [], border: [] },
});
for (const { step, expected, happened, asExpected } of steps) {
  table.push([asExpected ? 'ok' : 'NO', step, expected, breakable(happened)]);
}
console.log(table.toString());

const unexpected = steps.filter(({ asExpected }) => !asExpected).length;
if (failure !== undefined) console.error(failure);
console.log(
  `\nDemo: ${steps.length - unexpected} passed, ${unexpected + (failure === undefined ? 0 : 1)} failed`,
);
process.exitCode = unexpected === 0 && failure === undefined ? 0 : 1;

/** The table cuts words that are longer than a line, as addresses are: they are broken instead. */
function breakable(text: string): string {
  return text.replace(/\S{58}(?=\S)/g, '$&\n');
}
