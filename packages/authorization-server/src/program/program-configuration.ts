import { readFileSync } from 'node:fs';

import { assertKnownOptions, printable } from '@mcp-m2m/core';

import {
  KNOWN_OPTIONS,
  parseOptions,
  type AuthorizationServerOptions,
} from '../authorization-server-options.ts';
import { collectMistakes, type Mistakes } from '../configuration-mistakes.ts';
import { LOG_LEVELS, type EventLogOptions } from '../operations/event-log.ts';
import { applyEnvironment, assertKnownVariables, isSettings, type Settings } from './environment.ts';
import { parseAddress, parseListenAddress, type Address, type ListenAddress } from './listen-address.ts';

/** Everything the program was told. */
export interface ProgramConfiguration {
  readonly server: AuthorizationServerOptions;
  readonly listen: ListenAddress;
  /** Where health and measures are served, if anywhere but beside the tokens. */
  readonly operations: Address | undefined;
  readonly logLevel: NonNullable<EventLogOptions['level']>;
  /** Where the first administrator's credential is written. */
  readonly bootstrapCredentialFile: string;
  readonly shutdown: {
    /** How long the server goes on serving, while it says that it is not ready. */
    readonly delaySeconds: number;
    /** How long requests that have begun may take after that. */
    readonly withinSeconds: number;
  };
}

const OWN = ['secretKeyFile', 'listen', 'operations', 'log', 'bootstrapCredentialFile', 'shutdown'];
/** What only a program can hand over. */
const NOT_IN_A_FILE: ReadonlySet<string> = new Set(['secretKey', 'now', 'onEvent', 'signer']);

/**
 * Reads the configuration of the program from its file and the environment.
 *
 * @param source - path of the file, if there is one, or what would stand in it
 * @param environment - variables, which go before the file
 * @throws TypeError with every mistake and its mend, each on a line of its own
 */
export function readConfiguration(
  source: string | Settings | undefined,
  environment: NodeJS.ProcessEnv,
): ProgramConfiguration {
  const mistakes = collectMistakes();
  const { read } = mistakes;
  const file = (typeof source === 'string' ? read(() => readSettings(source)) : source) ?? {};
  read(() => refuseSecretKey(file));
  read(() => assertKnownVariables(environment));
  const known = KNOWN_OPTIONS.filter((name) => !NOT_IN_A_FILE.has(name));
  const { secretKey: _refused, ...withoutKey } = file;
  read(() => assertKnownOptions(withoutKey, [...known, ...OWN], 'The configuration'));
  const settings = applyEnvironment(withoutKey, environment);

  const server = readServerOptions(settings, known, mistakes);
  const configuration = {
    server,
    listen: read(() => parseListenAddress(settings['listen'])),
    operations: read(() => {
      const value = settings['operations'];
      return value === undefined ? undefined : parseAddress(value, 'operations', 9464);
    }),
    logLevel: read(() => parseLogLevel(settings['log'])),
    bootstrapCredentialFile: read(() =>
      parsePath(
        settings['bootstrapCredentialFile'] ?? 'bootstrap-credential.json',
        'bootstrapCredentialFile',
      ),
    ),
    shutdown: read(() => parseShutdown(settings['shutdown'])),
  };
  read(() => parseOptions(server));
  mistakes.refuse();
  return configuration;
}

function readServerOptions(
  settings: Settings,
  known: readonly string[],
  { read }: Mistakes,
): AuthorizationServerOptions {
  const options = Object.fromEntries(Object.entries(settings).filter(([name]) => known.includes(name)));
  const secretKey = read(() => readSecretKey(settings));
  return {
    resources: [],
    adminApi: true,
    ...(speaksTls(settings) ? { clientCertificate: { from: 'socket' } } : {}),
    ...options,
    // Its absence was said already; what stands in for it is not used.
    secretKey: secretKey ?? STAND_IN,
  } as unknown as AuthorizationServerOptions;
}

/** Where TLS ends here, the certificates of clients are seen here. */
function speaksTls({ listen }: Settings): boolean {
  return isSettings(listen) && listen['certificateFile'] !== undefined;
}

const STAND_IN = crypto.getRandomValues(new Uint8Array(32));

function readSettings(path: string): Settings {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new TypeError(`The configuration ${path} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own words would repeat what is in the file.
    throw new TypeError(`The configuration ${path} is not JSON; comments and trailing commas are none.`);
  }
  if (!isSettings(value)) throw new TypeError(`The configuration ${path} must be a JSON object.`);
  return value;
}

function refuseSecretKey(file: Settings): void {
  if (file['secretKey'] === undefined) return;
  throw new TypeError(
    'secretKey does not belong into the configuration; put it into a file of its own and name that in secretKeyFile, or set MCP_M2M_SECRET_KEY.',
  );
}

function readSecretKey({ secretKey, secretKeyFile }: Settings): string {
  if (secretKey !== undefined && secretKeyFile !== undefined) {
    throw new TypeError('secretKeyFile and MCP_M2M_SECRET_KEY are both set; leave out one of them.');
  }
  if (typeof secretKey === 'string') return secretKey;
  if (secretKeyFile === undefined) {
    throw new TypeError(
      'secretKeyFile (or MCP_M2M_SECRET_KEY) is missing; create one with "openssl rand -base64 48" and keep it outside the database.',
    );
  }
  const path = parsePath(secretKeyFile, 'secretKeyFile');
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new TypeError(`secretKeyFile cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function parseLogLevel(value: unknown = {}): ProgramConfiguration['logLevel'] {
  assertKnownOptions(value, ['level'], 'log');
  const { level = 'info' } = value as { level?: ProgramConfiguration['logLevel'] };
  if (!LOG_LEVELS.includes(level)) {
    throw new TypeError(`log.level must be one of ${LOG_LEVELS.join(', ')}, received ${printable(level)}.`);
  }
  return level;
}

function parsePath(value: unknown, option: string): string {
  if (typeof value !== 'string' || value === '') {
    throw new TypeError(`${option} must be the path of a file, received ${printable(value)}.`);
  }
  return value;
}

function parseShutdown(value: unknown = {}): ProgramConfiguration['shutdown'] {
  assertKnownOptions(value, ['delaySeconds', 'withinSeconds'], 'shutdown');
  const { delaySeconds = 5, withinSeconds = 10 } = value as Record<string, unknown>;
  for (const [name, seconds] of Object.entries({ delaySeconds, withinSeconds })) {
    if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= 300)) {
      throw new TypeError(
        `shutdown.${name} must be a number of seconds from 0 to 300, received ${printable(seconds)}.`,
      );
    }
  }
  return { delaySeconds: delaySeconds as number, withinSeconds: withinSeconds as number };
}
