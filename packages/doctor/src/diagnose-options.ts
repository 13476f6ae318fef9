import {
  assertKnownOptions,
  isLoopbackHostname,
  parseIssuerIdentifier,
  parseResourceIdentifier,
  printable,
} from '@mcp-m2m/core';
import type { TokenClientOptions } from '@mcp-m2m/core/client';

import type { DiagnosisStep } from './diagnosis.ts';

/** A tool to call at the end of the walk. What it does, it does: name none that changes anything. */
export interface ToolCall {
  readonly name: string;
  readonly arguments?: Readonly<Record<string, unknown>> | undefined;
}

type CredentialOptions = Pick<
  TokenClientOptions,
  'grant' | 'provider' | 'scopes' | 'dpop' | 'fetch' | 'now' | 'tokenParameters' | 'dangerouslyOmitResource'
>;

/** Options of {@link diagnose}. Those not described here are the options of `createTokenSource`. */
export interface DiagnoseOptions extends CredentialOptions {
  /** The MCP server, as a client would be configured with it. */
  readonly url: string | URL;
  /**
   * The authorization server the credential belongs to: needed beside a credential, unless `provider` can tell it, as a
   * credential is never sent where an MCP server says. Default without a credential: the only one it names.
   */
  readonly issuer?: string | URL | undefined;
  /** Without it the walk ends where a credential is needed. */
  readonly clientId?: string | undefined;
  readonly authentication?: TokenClientOptions['authentication'] | undefined;
  /**
   * The grant by its name, where somebody asks for one that machines cannot use (`password`,
   * `authorization_code`): it is explained, and no request is made. Not beside `grant`.
   */
  readonly grantType?: string | undefined;
  /** A token that is at hand already: it is examined and used, and none is requested. */
  readonly token?: string | undefined;
  /** Default: none is called. */
  readonly tool?: ToolCall | undefined;
  /** Bound on each step, in milliseconds. Default 10,000. */
  readonly timeoutMilliseconds?: number | undefined;
  /** Ends the walk. */
  readonly signal?: AbortSignal | undefined;
  /** Told of every step as it ends. What it throws ends the walk. */
  readonly onStep?: ((step: DiagnosisStep) => void) | undefined;
}

/** Validated {@link DiagnoseOptions}. */
export interface DiagnoseSettings extends Omit<DiagnoseOptions, 'url' | 'issuer'> {
  readonly resource: string;
  /** Whether the address is one of another machine without TLS: nothing is sent there. */
  readonly isInsecure: boolean;
  readonly issuer: string | undefined;
  readonly now: () => number;
  readonly timeoutMilliseconds: number;
}

const KNOWN = [
  'url',
  'issuer',
  'clientId',
  'authentication',
  'grant',
  'grantType',
  'provider',
  'scopes',
  'dpop',
  'token',
  'tool',
  'fetch',
  'now',
  'tokenParameters',
  'dangerouslyOmitResource',
  'timeoutMilliseconds',
  'signal',
  'onStep',
] as const satisfies readonly (keyof DiagnoseOptions)[];

/**
 * Validates the options. Credentials are judged by `createTokenSource` when their step comes.
 *
 * @throws TypeError naming the option and the mend
 */
export function parseDiagnoseOptions(options: DiagnoseOptions): DiagnoseSettings {
  assertKnownOptions(options, KNOWN, 'diagnose');
  const { url, issuer, token, tool, timeoutMilliseconds = 10_000, now = Date.now, ...others } = options;
  if (typeof url !== 'string' && !(url instanceof URL)) {
    throw new TypeError('url must be the address of the MCP server, such as "https://mcp.example.com/mcp".');
  }
  if (others.grant !== undefined && others.grantType !== undefined) {
    throw new TypeError('grantType goes without grant: the grant has its own.');
  }
  if ((others.clientId === undefined) !== (others.authentication === undefined)) {
    throw new TypeError('clientId and authentication go together: give both, or neither.');
  }
  if (others.signal !== undefined && !(others.signal instanceof AbortSignal)) {
    throw new TypeError('signal must be an AbortSignal.');
  }
  for (const name of ['fetch', 'now', 'onStep'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') {
      throw new TypeError(`${name} must be a function; leave it out for the default.`);
    }
  }
  const pinned = issuer ?? others.provider?.issuer;
  if (others.clientId !== undefined && pinned === undefined) {
    throw new TypeError(
      'issuer must name the authorization server that the credential belongs to: it is sent nowhere else.',
    );
  }
  if (token !== undefined && (typeof token !== 'string' || !/^[\x21-\x7e]{1,16384}$/.test(token))) {
    throw new TypeError('token must be an access token: printable characters without spaces.');
  }
  if (tool !== undefined && (typeof tool !== 'object' || tool === null || typeof tool.name !== 'string')) {
    throw new TypeError('tool must be { name, arguments }: the name of a tool, and an object.');
  }
  if (!(
    Number.isInteger(timeoutMilliseconds) &&
    timeoutMilliseconds >= 1 &&
    timeoutMilliseconds <= 600_000
  )) {
    throw new TypeError(
      `timeoutMilliseconds must be a whole number from 1 to 600000, received ${printable(timeoutMilliseconds)}.`,
    );
  }
  return {
    ...others,
    ...parseAddress(String(url)),
    issuer: pinned === undefined ? undefined : parseIssuerIdentifier(pinned),
    token,
    tool,
    now,
    timeoutMilliseconds,
  };
}

/** An http address of another machine is a finding, not a mistake of the caller. */
function parseAddress(url: string): Pick<DiagnoseSettings, 'resource' | 'isInsecure'> {
  const parsed = URL.parse(url);
  if (parsed?.protocol === 'http:' && !isLoopbackHostname(parsed.hostname)) {
    // A user name or password in it is nobody's business.
    return { resource: parsed.origin + parsed.pathname, isInsecure: true };
  }
  return { resource: parseResourceIdentifier(url, 'url'), isInsecure: false };
}
