import type { Terminal } from '../terminal.ts';

/** What a command does: with its arguments and flags, ending in an exit code. */
export type CommandAction<Flags> = (
  terminal: Terminal,
  positional: readonly (string | undefined)[],
  flags: Flags,
) => Promise<number>;

/** Fits an action to commander, which hands over arguments, flags and the command itself. */
export type RunCommand = <Flags>(action: CommandAction<Flags>) => (...handed: unknown[]) => Promise<void>;
