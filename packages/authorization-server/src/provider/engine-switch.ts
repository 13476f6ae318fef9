import type { ReportEvent } from '../events.ts';
import type { RefuseTokenRequest } from '../http/refuse-token-request.ts';
import type { EngineHandler } from '../http/token-route.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { SigningKey } from '../keys/signing-key.ts';
import { redact } from '../redaction.ts';

/** Dependencies of {@link createEngineSwitch}. */
export interface EngineSwitchDependencies {
  readonly ring: Pick<KeyRing, 'refresh' | 'current'>;
  /** Builds an engine that signs with a key. */
  readonly build: (key: SigningKey) => { callback(): EngineHandler };
  /** Answers a request for which there is no key to sign with. */
  readonly fail: (...request: [...Parameters<EngineHandler>, unknown]) => void;
}

/**
 * Makes the handler that gives every request to an engine which signs with the current key. When another key
 * becomes that, an engine is built for it, and the one before finishes its requests.
 */
export function createEngineSwitch({ ring, build, fail }: EngineSwitchDependencies): EngineHandler {
  let engine = buildFor(ring.current());

  function buildFor(key: SigningKey) {
    return { key, handle: build(key).callback() };
  }

  const hand: EngineHandler = (request, response) => {
    const key = ring.current();
    if (engine.key !== key) engine = buildFor(key);
    return engine.handle(request, response);
  };

  return (request, response) => {
    const refreshed = ring.refresh();
    if (refreshed === undefined) return hand(request, response);
    return refreshed
      .then(() => hand(request, response))
      .catch((error: unknown) => fail(request, response, error));
  };
}

/** Makes what answers a request for which the keys could not be read. */
export function createKeyFailureAnswer(
  refuse: RefuseTokenRequest,
  report: ReportEvent,
): EngineSwitchDependencies['fail'] {
  return (request, response, error) => {
    const { name, message } = error instanceof Error ? error : new Error('unknown failure');
    report({ type: 'server_failed', name, message: redact(message) });
    if (response.headersSent) return;
    refuse(request, response, {
      status: 503,
      error: 'temporarily_unavailable',
      reason: 'store_unavailable',
      detail: 'the authorization server cannot read its signing keys; try again',
      headers: { 'Retry-After': '5', Connection: 'close' },
    });
  };
}
