import { sanitizeText } from '@mcp-m2m/core';

import type { Diagnosis, DiagnosisStep, Finding, StepStatus } from '../diagnosis.ts';

/** Options of {@link formatTree} and {@link formatStep}. */
export interface FormatOptions {
  /** Whether to colour by ANSI escapes. Default false. */
  readonly color?: boolean | undefined;
  /** Whether to show what was sent, expected and received at steps that passed as well. Default false. */
  readonly verbose?: boolean | undefined;
  /** Columns of the terminal; longer lines are wrapped. Default 100. */
  readonly width?: number | undefined;
}

const MOST_CHARACTERS = 4000;

const MARKS: Readonly<Record<StepStatus, string>> = { passed: '✔', warned: '!', failed: '✖', skipped: '·' };
const COLORS: Readonly<Record<StepStatus, number>> = { passed: 32, warned: 33, failed: 31, skipped: 90 };
const OUTCOMES: Readonly<Record<Diagnosis['outcome'], [StepStatus, string]>> = {
  healthy: ['passed', 'The connection works.'],
  incomplete: ['warned', 'Nothing is wrong as far as it was looked at.'],
  broken: ['failed', 'The connection does not work.'],
};

/** A diagnosis as lines for a terminal, and the verdict at the end. */
export function formatTree(diagnosis: Diagnosis, options: FormatOptions = {}): string {
  return [
    sanitizeText(diagnosis.url, MOST_CHARACTERS),
    // The verdict stands at the end, and not twice.
    ...diagnosis.steps.map((step) =>
      formatStep(
        { ...step, findings: step.findings.filter((finding) => finding !== diagnosis.verdict) },
        options,
      ),
    ),
    '',
    formatVerdict(diagnosis, options),
  ].join('\n');
}

/** One step as lines for a terminal: for a walk that is shown while it goes on. */
export function formatStep(step: DiagnosisStep, options: FormatOptions = {}): string {
  const { status, title, durationMilliseconds, findings } = step;
  const time = status === 'skipped' ? '' : paint(` ${durationMilliseconds} ms`, 90, options);
  const why =
    status === 'skipped' && step.received !== undefined
      ? paint(` (${sanitizeText(step.received, MOST_CHARACTERS)})`, 90, options)
      : '';
  const lines = [`${paint(MARKS[status], COLORS[status], options)} ${sanitizeText(title)}${why}${time}`];
  const detailed =
    options.verbose === true ? status !== 'skipped' : status === 'failed' || status === 'warned';
  if (detailed) {
    for (const name of ['sent', 'expected', 'received'] as const) {
      const value = step[name];
      if (value !== undefined)
        lines.push(...wrap(`${name.padEnd(9)}${value}`, '  │ ', '  │          ', options));
    }
  }
  for (const finding of findings) lines.push(...formatFinding(finding, options));
  return lines.join('\n');
}

/** The verdict in a few lines. */
export function formatVerdict({ outcome, verdict, tools }: Diagnosis, options: FormatOptions = {}): string {
  const [status, words] = OUTCOMES[outcome];
  const count = tools === undefined ? '' : ` ${tools.length} ${tools.length === 1 ? 'tool' : 'tools'}.`;
  const lines = [
    paint(`${MARKS[status]} ${words}${outcome === 'healthy' ? count : ''}`, COLORS[status], options),
  ];
  if (verdict !== undefined) lines.push(...formatFinding(verdict, options));
  return lines.join('\n');
}

function formatFinding({ severity, message, fix, link, code }: Finding, options: FormatOptions): string[] {
  const color = severity === 'failure' ? 31 : severity === 'warning' ? 33 : 90;
  return [
    ...wrap(message, '  ├ ', '  │ ', options).map((line) => paint(line, color, options)),
    ...wrap(fix, '  ├ → ', '  │   ', options),
    paint(`  └ ${sanitizeText(code)}: ${sanitizeText(link)}`, 90, options),
  ];
}

/** What is shown was made safe when it was found; a diagnosis that was stored and read again may be anything. */
function wrap(unsafe: string, first: string, next: string, { width = 100 }: FormatOptions): string[] {
  const text = sanitizeText(unsafe, MOST_CHARACTERS);
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = next;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  lines.push(line);
  return lines;
}

function paint(text: string, color: number, { color: colored = false }: FormatOptions): string {
  return colored ? `\u001b[${color}m${text}\u001b[39m` : text;
}
