import { EXIT_CODES, type ExitCode } from './exit-code.ts';

/** Ends a command with words for a person and an exit code; never carries a secret or a token. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT_CODES.failed, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** The command line or the configuration is wrong. */
export function usageError(message: string): CommandError {
  return new CommandError(message, EXIT_CODES.usage);
}
