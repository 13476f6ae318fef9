import { assertKnownOptions } from '../known-options.ts';
import { parseResourceIdentifier } from '../resource-identifier.ts';
import {
  readTokenClientOptions,
  TOKEN_CLIENT_OPTION_NAMES,
  type TokenClientOptions,
  type TokenClientSettings,
} from './client-options.ts';

/** Options of `createTokenSource`. */
export interface TokenSourceOptions extends TokenClientOptions {
  /** URL of the MCP server, as its metadata states it. */
  readonly resource: string | URL;
}

/** Validated options. */
export interface TokenSourceSettings extends TokenClientSettings {
  readonly resource: string;
}

/**
 * Validates the options of a token source.
 *
 * @throws TypeError naming the option and the mend
 */
export function readTokenSourceOptions(options: TokenSourceOptions): TokenSourceSettings {
  assertKnownOptions(options, ['resource', ...TOKEN_CLIENT_OPTION_NAMES], 'createTokenSource');
  return { resource: parseResourceIdentifier(options.resource), ...readTokenClientOptions(options) };
}
