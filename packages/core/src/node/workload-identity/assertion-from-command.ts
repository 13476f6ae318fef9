import { execFile } from 'node:child_process';
import { env } from 'node:process';
import {
  AssertionSourceError,
  type AssertionRequest,
  type AssertionSource,
} from '../../client/grants/assertion-source.ts';
import { startDeadline } from '../../deadline.ts';
import { sanitizeText } from '../../printable-text.ts';
import { untilAborted } from '../../until-aborted.ts';
import { acceptAssertion } from './acceptable-assertion.ts';
import type { Environment } from './environment.ts';
import { assertSourceOptions, type AssertionSourceOptions } from './source-options.ts';

const NAME = 'assertion command';
/** The most that is taken of either stream. */
const MAX_OUTPUT_BYTES = 1_048_576;
/** What a program needs to be found and to find its own files. */
const INHERITED = ['PATH', 'HOME', 'SYSTEMROOT', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'PATHEXT', 'TEMP'];

/** Arguments of a command, or how to make them for an audience: `(audience) => ['--audience', audience]`. */
export type CommandArguments = readonly string[] | ((audience: string) => readonly string[]);

/** Options of {@link assertionFromCommand}. */
export interface AssertionFromCommandOptions extends AssertionSourceOptions {
  /**
   * All variables that the command is given. Default: those by which programs are found and find their files
   * (`PATH`, `HOME` and the like on Windows), and nothing else of this process, as it may hold secrets.
   */
  readonly environment?: Environment | undefined;
  /** How long the command may take, in milliseconds. Default 5000. */
  readonly timeoutMilliseconds?: number | undefined;
}

/**
 * A JWT that a command writes to its standard output, run at every use.
 *
 * No shell is involved: arguments reach the program as they are. Its input is empty and what it writes to its
 * standard error is dropped, as either may hold secrets. It is killed when it takes too long, writes more than
 * 1 MiB, or is no longer wanted; what it has started itself is not.
 *
 * @param command - a program's name or path
 * @param args - its arguments, which do not get into messages
 * @throws TypeError for a wrong option
 */
export function assertionFromCommand(
  command: string,
  args: CommandArguments = [],
  options: AssertionFromCommandOptions = {},
): AssertionSource {
  assertSourceOptions(options, ['audience', 'environment', 'timeoutMilliseconds'], 'assertionFromCommand');
  if (typeof command !== 'string' || command.trim() === '' || command.includes('\0')) {
    throw new TypeError('command must be a non-empty string: the name or path of one program.');
  }
  if (typeof args !== 'function') assertArguments(args);
  const { timeoutMilliseconds = 5000, environment } = options;
  const from = sanitizeText(command);
  const audienceHint = 'Have the command ask for this audience; args may be a function of it.';
  return {
    name: NAME,
    async getAssertion(request) {
      const audience = options.audience ?? request.audience;
      const list = typeof args === 'function' ? args(audience) : args;
      assertArguments(list);
      const output = await runCommand(command, list, environment, timeoutMilliseconds, request);
      return acceptAssertion(output, { source: NAME, from, audience, audienceHint }, request);
    },
  };
}

function assertArguments(args: unknown): asserts args is readonly string[] {
  if (!Array.isArray(args) || args.some((entry) => typeof entry !== 'string' || entry.includes('\0'))) {
    throw new TypeError('args must be an array of strings, or a function that returns one.');
  }
}

async function runCommand(
  command: string,
  args: readonly string[],
  environment: Environment = inheritedEnvironment(),
  timeoutMilliseconds: number,
  { signal: outer }: AssertionRequest,
): Promise<string> {
  const fail = (expected: string, received: string, hint: string, passing = true): AssertionSourceError =>
    new AssertionSourceError(NAME, { from: sanitizeText(command), expected, received, hint, passing });
  outer.throwIfAborted();
  const { signal: timeout, stop } = startDeadline(timeoutMilliseconds);
  const signal = AbortSignal.any([outer, timeout]);
  try {
    return await untilAborted(execute(command, args, environment, signal), signal);
  } catch (error) {
    if (outer.aborted) throw outer.reason;
    if (timeout.aborted) {
      throw fail(
        `an end within ${timeoutMilliseconds} ms`,
        'none',
        'Does it wait for somebody to answer it?',
      );
    }
    // Of the error only this: its message holds the arguments and what the command wrote.
    const { code, signal: killer } = error as { code?: unknown; signal?: unknown };
    if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
      throw fail(`at most ${MAX_OUTPUT_BYTES} bytes`, 'more', 'It has to write the token alone.', false);
    }
    if (typeof code === 'string') {
      const hint = 'Check the path, or the PATH that the option environment gives it.';
      throw fail('a program that can be run', sanitizeText(code, 40), hint, false);
    }
    const received = typeof code === 'number' ? `exit code ${code}` : `the signal ${String(killer)}`;
    throw fail('exit code 0', received, 'Run it by hand, with the same environment, to see what it says.');
  } finally {
    stop();
  }
}

function execute(
  command: string,
  args: readonly string[],
  environment: Environment,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      env: { ...environment },
      killSignal: 'SIGKILL',
      maxBuffer: MAX_OUTPUT_BYTES,
      shell: false,
      windowsHide: true,
    } as const;
    const child = execFile(command, [...args], options, (error, output) => {
      signal.removeEventListener('abort', stop);
      if (error === null) resolve(output);
      else reject(error);
    });
    // The option signal would not do: it sends SIGTERM whatever killSignal says, and that may be ignored.
    const stop = (): void => {
      child.kill('SIGKILL');
      child.stdout?.destroy();
      child.stderr?.destroy();
    };
    signal.addEventListener('abort', stop, { once: true });
    // A program that asks something gets no answer instead of no end; one that does not may be gone already.
    child.stdin?.on('error', () => undefined).end();
  });
}

function inheritedEnvironment(): Environment {
  return Object.fromEntries(INHERITED.map((name) => [name, env[name]]));
}
