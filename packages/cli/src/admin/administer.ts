import type { CommandAction } from '../commands/run-command.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { withProgress } from '../progress.ts';
import { writeResult, type Terminal } from '../terminal.ts';
import { openAdminApi, type AdminApi } from './admin-api.ts';
import type { AdminFlags } from './admin-options.ts';

/** What an administrative command works with. */
export interface Administration {
  readonly api: AdminApi;
  readonly issuer: string;
  readonly terminal: Terminal;
  /** Does what may take a while; progress is shown. */
  readonly wait: <T>(words: string, work: () => Promise<T>) => Promise<T>;
  /** Writes the result: JSON with `--json`, else lines for people. */
  readonly write: (document: unknown, lines: () => string) => void;
  /** Tells what was done, beside the result. */
  readonly tell: (words: string) => void;
}

/** Makes a command of what is done with the administrative API. */
export function administering<Flags extends AdminFlags>(
  act: (
    administration: Administration,
    positional: readonly string[],
    flags: Flags,
  ) => Promise<number | undefined>,
): CommandAction<Flags> {
  return async (terminal, positional, flags) => {
    const { api, issuer } = await openAdminApi(flags, terminal);
    const administration: Administration = {
      api,
      issuer,
      terminal,
      wait: (words, work) => withProgress(terminal, words, work),
      write: (document, lines) => writeResult(terminal, flags.json === true, document, lines),
      tell: (words) => terminal.err.write(`${words}\n`),
    };
    const given = positional.filter((argument) => argument !== undefined);
    return (await act(administration, given, flags)) ?? EXIT_CODES.done;
  };
}
