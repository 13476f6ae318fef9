import { refuseUnknownOptions } from '../known-options.ts';

/** What may differ between adapters, because their frameworks leave no choice. */
export interface AdapterContractOptions {
  /** The path at which the handler is protected. Default `/mcp`. */
  readonly path?: string;
  /**
   * Who sees a body first. `auth-first` (the default): nobody before the caller is known, so that the answer to a
   * broken body is ours, to the byte. `parser-first`: the framework's parser, whose answers have the same status.
   */
  readonly bodies?: 'auth-first' | 'parser-first';
  /** How long a case waits for a server that is silent, 100 to 600,000 milliseconds. Default 10,000. */
  readonly answerTimeoutMilliseconds?: number;
}

/** The options with their defaults. */
export type AdapterContractSettings = Required<AdapterContractOptions>;

const KNOWN = [
  'path',
  'bodies',
  'answerTimeoutMilliseconds',
] as const satisfies readonly (keyof AdapterContractOptions)[];

/**
 * Fills in the defaults.
 *
 * @throws TypeError that names the option and the mend
 */
export function readAdapterContractOptions(options: AdapterContractOptions): AdapterContractSettings {
  refuseUnknownOptions(options, KNOWN, 'adapterContract');
  const { path = '/mcp', bodies = 'auth-first', answerTimeoutMilliseconds = 10_000 } = options;
  if (!/^(?:\/[a-z0-9-]+)+$/.test(path)) {
    throw new TypeError(
      'adapterContract: path must be like "/mcp": segments of a-z, 0-9 and "-", no slash at its end.',
    );
  }
  if (!['auth-first', 'parser-first'].includes(bodies)) {
    throw new TypeError('adapterContract: bodies must be "auth-first" or "parser-first".');
  }
  if (!(answerTimeoutMilliseconds >= 100 && answerTimeoutMilliseconds <= 600_000)) {
    throw new TypeError('adapterContract: answerTimeoutMilliseconds must be a number from 100 to 600000.');
  }
  return { path, bodies, answerTimeoutMilliseconds };
}
