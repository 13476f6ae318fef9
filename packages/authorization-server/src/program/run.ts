import { readFileSync } from 'node:fs';

import { EXIT_CODES } from './exit-codes.ts';
import { HELP, parseCommandLine, type CommandLine } from './command-line.ts';
import { readConfiguration, type ProgramConfiguration } from './program-configuration.ts';

/**
 * Runs the program until it is told to stop.
 *
 * @param args - without the names of runtime and program
 * @param environment - variables
 * @returns the exit code
 */
export async function runProgram(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  let commandLine: CommandLine;
  let configuration: ProgramConfiguration;
  try {
    commandLine = parseCommandLine(args);
    if (commandLine.help) return tell(HELP);
    if (commandLine.version) return tell(`${readVersion()}\n`);
    configuration = readConfiguration(commandLine.config ?? environment['MCP_M2M_CONFIG'], environment);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return complain(error.message);
  }
  if (commandLine.checkConfig) return tell('The configuration is in order.\n');
  // Loaded only now: much is, and whoever asks for help is not to wait for it.
  const { serve } = await import('./serve.ts');
  return await serve(configuration);
}

function tell(text: string): number {
  process.stdout.write(text);
  return EXIT_CODES.stopped;
}

function complain(message: string): number {
  const mistakes = message.split('\n');
  const heading = mistakes.length === 1 ? 'There is a mistake:' : `There are ${mistakes.length} mistakes:`;
  process.stderr.write(`${heading}\n${mistakes.map((mistake) => `- ${mistake}\n`).join('')}`);
  return EXIT_CODES.misconfigured;
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
