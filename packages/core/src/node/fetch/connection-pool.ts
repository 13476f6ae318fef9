import { Agent as HttpAgent, type ClientRequestArgs } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { startDeadline } from '../../deadline.ts';
import { untilAborted } from '../../until-aborted.ts';
import type { AddressJudge } from './address-judge.ts';
import { openConnection } from './connection.ts';
import { resolveJudgedAddresses, type Lookup } from './judged-addresses.ts';
import { NodeFetchError } from './node-fetch-error.ts';
import type { TlsIdentity } from './tls-identity.ts';

/** Idle connections end before most servers end them: a request on one that is just being closed fails. */
const IDLE_MILLISECONDS = 4000;

/** What connections are made by. */
export interface ConnectionPoolOptions {
  readonly judge: AddressJudge;
  readonly lookup: Lookup | undefined;
  readonly identity: TlsIdentity;
  /** For name, connection and TLS handshake together. */
  readonly connectTimeoutMilliseconds: number;
}

/** Connections that are kept and used again, each to an address that was judged. */
export interface ConnectionPool {
  /** The agent for `http:` or `https:`. */
  readonly agentFor: (protocol: string) => HttpAgent;
  /** Destroys every connection, those in use too, and opens no more. */
  readonly close: () => void;
  readonly closed: boolean;
}

type Created = (error: Error | null, socket: Duplex) => void;

/**
 * Creates a pool whose every connection passes by the judge of addresses.
 *
 * Once a changed certificate has been read, connections with the one before are not used again.
 */
export function createConnectionPool(options: ConnectionPoolOptions): ConnectionPool {
  const { judge, lookup, identity, connectTimeoutMilliseconds } = options;
  const closing = new AbortController();
  const contexts = new WeakMap<object, SecureContext>();
  let latest: SecureContext | undefined;

  const connect = async (to: ClientRequestArgs, secure: boolean): Promise<Socket> => {
    const { signal: timeout, stop } = startDeadline(connectTimeoutMilliseconds);
    const signal = AbortSignal.any([timeout, closing.signal]);
    const host = bareHost(to.host);
    try {
      const addresses = await untilAborted(resolveJudgedAddresses(host, secure, judge, lookup), signal);
      const secureContext = secure ? await untilAborted(identity.current(), signal) : undefined;
      if (secureContext !== undefined) adopt(secureContext);
      const socket = await openConnection({ host, port: Number(to.port), addresses, secureContext, signal });
      if (secureContext !== undefined) contexts.set(socket, secureContext);
      return socket;
    } catch (error) {
      if (error !== timeout.reason) throw error;
      throw new NodeFetchError(
        'connect_timeout',
        `No connection to ${host} within ${connectTimeoutMilliseconds} ms (connectTimeoutMilliseconds).`,
      );
    } finally {
      stop();
    }
  };
  const adopt = (context: SecureContext): void => {
    if (context === latest) return;
    latest = context;
    for (const socket of Object.values(https.freeSockets).flat()) {
      if (socket !== undefined && contexts.get(socket) !== context) socket.destroy();
    }
  };
  const createConnection =
    (secure: boolean) =>
    (to: ClientRequestArgs, created?: Created): undefined => {
      // The types want a socket beside every error.
      const done = created as ((error: Error | null, socket?: Duplex) => void) | undefined;
      connect(to, secure).then(
        (socket) => done?.(null, socket),
        (error: Error) => done?.(error),
      );
    };
  const settings = { keepAlive: true, timeout: IDLE_MILLISECONDS };
  const http = new HttpAgent(settings);
  const https = new HttpsAgent({ ...settings, maxCachedSessions: 0 });
  http.createConnection = createConnection(false);
  https.createConnection = createConnection(true);
  const keepSocketAlive = https.keepSocketAlive.bind(https);
  https.keepSocketAlive = (socket) => contexts.get(socket) === latest && keepSocketAlive(socket);
  return {
    agentFor: (protocol) => (protocol === 'https:' ? https : http),
    close: () => {
      closing.abort(new NodeFetchError('closed', 'This fetch was closed by its close().'));
      http.destroy();
      https.destroy();
    },
    get closed() {
      return closing.signal.aborted;
    },
  };
}

/** The host of a URL, without the brackets of an IPv6 address. */
function bareHost(host: string | null | undefined): string {
  return (host ?? '').replace(/^\[(.*)\]$/, '$1');
}
