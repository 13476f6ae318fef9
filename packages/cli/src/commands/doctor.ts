import type { Command } from 'commander';
import { diagnose, exitCodeOf, formatStep, formatVerdict, type Finding } from '@mcp-m2m/doctor';

import { usageError } from '../command-error.ts';
import { addConnectionOptions, type ConnectionFlags } from '../connection/connection-options.ts';
import { resolveConnection } from '../connection/resolve-connection.ts';
import type { Terminal } from '../terminal.ts';
import { parseJsonObject } from './json-argument.ts';
import type { RunCommand } from './run-command.ts';

interface DoctorFlags extends ConnectionFlags {
  readonly grant?: string;
  readonly tool?: string;
  readonly arguments?: string;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

/** `doctor URL`: walks the connection and explains it. */
export function addDoctorCommand(program: Command, run: RunCommand): void {
  addConnectionOptions(program.command('doctor [url]'))
    .summary('walk a connection step by step and say what is wrong and what to do')
    .description(
      'Walks a connection as a client would: name and TLS, challenge, metadata, grant, token, handshake, tools.\nChanges nothing, but for the tool it is told to call. Exit code 0: nothing is broken; 1: something is.',
    )
    .option('--grant <type>', 'ask about a grant by its name, such as password or authorization_code')
    .option('--tool <name>', 'call this tool at the end')
    .option('--arguments <json>', 'arguments of that tool')
    .option('-v, --verbose', 'show what was sent, expected and received at every step')
    .option('--json', 'print the whole diagnosis as JSON')
    .addHelpText(
      'after',
      `
Examples:
  mcp-m2m doctor https://mcp.example.com/mcp
  mcp-m2m doctor https://mcp.example.com/mcp --issuer https://auth.example.com --client-id nightly --secret-file secret
  mcp-m2m doctor --profile nightly --tool list_deployments --json`,
    )
    .action(run(examine));
}

async function examine(
  terminal: Terminal,
  [url]: readonly (string | undefined)[],
  flags: DoctorFlags,
): Promise<number> {
  const connection = await resolveConnection(url, flags, terminal);
  const { out, color, width, signal } = terminal;
  const shown = { color, width, verbose: flags.verbose };
  if (flags.json !== true) out.write(`${connection.url}\n`);
  const { url: server, token, clientId, authentication, ...others } = connection;
  const diagnosis = await diagnose({
    ...others,
    url: server,
    ...(token === undefined ? { clientId, authentication } : { token }),
    grantType: flags.grant,
    tool:
      flags.tool === undefined
        ? undefined
        : { name: flags.tool, arguments: parseJsonObject(flags.arguments, '--arguments') },
    signal,
    onStep: (step) => {
      if (flags.json !== true) out.write(`${formatStep(step, shown)}\n`);
    },
  }).catch(asUsageError);
  out.write(
    flags.json === true
      ? `${JSON.stringify(diagnosis, undefined, 2)}\n`
      : `\n${formatVerdict(withoutRepetition(diagnosis), shown)}\n`,
  );
  return exitCodeOf(diagnosis);
}

/** Where the one thing that was found has just been shown, the verdict need not say it again. */
function withoutRepetition<
  T extends { verdict: Finding | undefined; steps: readonly { findings: readonly Finding[] }[] },
>(diagnosis: T): T {
  const findings = diagnosis.steps.flatMap((step) => step.findings);
  return findings.length === 1 ? { ...diagnosis, verdict: undefined } : diagnosis;
}

function asUsageError(error: unknown): never {
  if (error instanceof TypeError) throw usageError(error.message);
  throw error;
}
