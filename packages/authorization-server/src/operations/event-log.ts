import { pino, type DestinationStream, type Level, type Logger, type LoggerOptions } from 'pino';

import { assertKnownOptions, printable } from '@mcp-m2m/core';

import {
  isAdministrative,
  type AuthorizationServerEvent,
  type AuthorizationServerEventListener,
} from '../events.ts';

/** Options of {@link createEventLog}. */
export interface EventLogOptions {
  /** The least level that is written; `info` unless given. */
  readonly level?: Level | 'silent';
  /** Where lines go; standard output unless given. */
  readonly destination?: DestinationStream;
}

/** Structured logs: one JSON object per line. */
export interface EventLog {
  /** The logger, for lines of the program's own. */
  readonly logger: Logger;
  /** Goes into `onEvent`: each event is a line, with the event's members. */
  readonly listen: AuthorizationServerEventListener;
}

/** What can be a level. */
export const LOG_LEVELS: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

// Nothing that is logged has such members. Should anything ever have, the line says so instead of telling.
const SECRETS = [
  'access_token',
  'assertion',
  'authorization',
  'clientSecret',
  'client_assertion',
  'client_secret',
  'cookie',
  'password',
  'secret',
  'secretKey',
  'token',
];

/**
 * Makes a log of the server's events, written by pino: issued tokens at `debug`, administrative acts at `info`,
 * refusals at `warn`, failures at `error`.
 *
 * @throws TypeError when the level is none
 */
export function createEventLog(options: EventLogOptions = {}): EventLog {
  assertKnownOptions(options, ['level', 'destination'], 'createEventLog');
  const { level = 'info', destination } = options;
  if (!LOG_LEVELS.includes(level)) {
    throw new TypeError(`level must be one of ${LOG_LEVELS.join(', ')}, received ${printable(level)}.`);
  }
  const settings: LoggerOptions = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: '[not logged]',
    },
  };
  const logger = destination === undefined ? pino(settings) : pino(settings, destination);
  return {
    logger,
    listen(event) {
      const { type, at, ...members } = event;
      logger[levelOf(event)]({ event: type, at: new Date(at).toISOString(), ...members }, type);
    },
  };
}

function levelOf(event: AuthorizationServerEvent): 'debug' | 'info' | 'warn' | 'error' {
  if (isAdministrative(event)) return 'info';
  switch (event.type) {
    case 'token_issued':
      return 'debug';
    case 'token_refused':
    case 'request_refused':
    case 'dangerous_option':
    case 'proxy_not_trusted':
      return 'warn';
    case 'server_failed':
    case 'audit_events_dropped':
      return 'error';
  }
}
