// One client process of several, run by `sources-fleet.ts`: a whole `createTokenSources` over a shared Redis.
import {
  clientSecretBasic,
  createRedisTokenStore,
  createTokenSources,
  TokenAcquisitionError,
  type TokenEvent,
} from '../../../src/client/index.ts';
import { REDIS_CLIENTS } from './redis-clients.ts';

/** What a process is started with. */
export interface SourcesProcessSettings {
  readonly client: string;
  readonly socketPath: string;
  readonly issuer: string;
  readonly encryptionKey: string;
}

/** What a process is told to do: so many callers at once, on a clock that is so far ahead. */
export interface GetTokensCommand {
  readonly round: number;
  readonly resource: string;
  readonly callers: number;
  /** Of those, how many leave as soon as they have asked. */
  readonly leaving: number;
  readonly aheadMilliseconds: number;
}

/** What a process says. */
export type SourcesReport =
  | { readonly type: 'ready' | 'slow_store' }
  | { readonly type: 'event'; readonly event: string }
  | {
      readonly type: 'answered';
      readonly round: number;
      readonly tokens: readonly string[];
      /** Code and `retryAt` of each failure; the name of one of another kind. */
      readonly failures: readonly (readonly [code: string, retryAt: number | undefined])[];
    };

const settings = JSON.parse(process.argv[2] ?? '') as SourcesProcessSettings;
const report = (message: SourcesReport): void => void process.send?.(message);
let aheadMilliseconds = 0;
const now = () => Date.now() + aheadMilliseconds;

const connect = REDIS_CLIENTS[settings.client];
if (connect === undefined) throw new Error(`no Redis client is called ${settings.client}`);
const { command: sendCommand } = await connect(settings.socketPath);
/** Says when an answer takes nearly as long as a store is given: on a busy machine, and where there is no Redis. */
const timed: typeof sendCommand = async (args) => {
  const sentAt = performance.now();
  try {
    return await sendCommand(args);
  } finally {
    if (performance.now() - sentAt > 300) report({ type: 'slow_store' });
  }
};
const sources = createTokenSources({
  issuer: settings.issuer,
  clientId: 'fleet',
  authentication: clientSecretBasic({ clientSecret: 'a-secret' }),
  store: createRedisTokenStore({ command: timed, encryptionKey: settings.encryptionKey, now }),
  now,
  onEvent: (event: TokenEvent) =>
    report({
      type: 'event',
      event: event.type === 'token_request' ? `${event.reason} ${event.outcome}` : event.type,
    }),
});

async function getToken(resource: string, leaves: boolean): Promise<string> {
  const caller = new AbortController();
  const token = sources.sourceFor(resource).getToken({ signal: caller.signal });
  if (leaves) caller.abort(new Error('left'));
  return (await token).accessToken;
}

process.on('message', (command: GetTokensCommand) => {
  const { round, resource, callers, leaving } = command;
  aheadMilliseconds = command.aheadMilliseconds;
  const asking = Array.from({ length: callers }, (_, index) => getToken(resource, index < leaving));
  void Promise.allSettled(asking).then((outcomes) =>
    report({
      type: 'answered',
      round,
      tokens: outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])),
      failures: outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [describe(outcome.reason)] : [],
      ),
    }),
  );
});
process.on('disconnect', () => process.exit());
report({ type: 'ready' });

function describe(reason: unknown): [string, number | undefined] {
  return reason instanceof TokenAcquisitionError
    ? [reason.code, reason.retryAt?.getTime()]
    : [(reason as Error).message, undefined];
}
