import { createNotifier } from '../listener.ts';
import type { AccessPolicy } from './access/access-policy.ts';
import { readOperations, type Operation, type Operations } from './access/operations.ts';
import { describeOperation, explainShortfall } from './access/shortfall-refusal.ts';
import type { AuthenticatedCaller, Authenticator, IncomingRequest } from './authenticator.ts';
import type { Caller } from './caller.ts';
import { READABLE_BY_PAGES } from './cors.ts';
import { readCredentials, type Credentials } from './credentials.ts';
import type { Decision, DecisionListener } from './decision.ts';
import { createRefusal, type ChallengeSurroundings, type Refusal, type RefusalDetails } from './refusal.ts';
import type { SessionRegistry } from './session-registry.ts';
import { VerificationFailure } from './verification-failure.ts';

/** A request that may be served. */
export interface Authorized {
  readonly ok: true;
}

/** What can be wrong with a body before it is judged. */
export type BodyRefusalReason =
  'body_not_json' | 'body_too_large' | 'media_type_not_supported' | 'credentials_repeated';

const BODY_REFUSALS: Readonly<Record<BodyRefusalReason, string>> = {
  body_not_json: 'The request body is not valid JSON in UTF-8.',
  body_too_large: 'The request body is too large.',
  media_type_not_supported: 'The request body must be JSON, with the header Content-Type: application/json.',
  credentials_repeated:
    'The request carries access tokens in its header and in its body; send exactly one, in the header.',
};

/** A request whose caller is known. */
export interface Authenticated {
  readonly ok: true;
  readonly caller: Caller;
  /** Headers that the response must carry. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Step two: may the caller do what the body asks for? `undefined` stands for a request without a body,
   * which needs the base scopes.
   */
  readonly authorize: (body: unknown) => Authorized | Refusal;
  /** The refusal of a body that could not be read or parsed, for the adapter that read it. */
  readonly refuseBody: (reason: BodyRefusalReason) => Refusal;
  /** Ties a session that the response opens (its `Mcp-Session-Id`) to this caller. */
  readonly bindSession: (sessionId: string) => void;
}

/** What a judge is made of. */
export interface RequestJudgeParts {
  readonly authenticate: Authenticator;
  readonly policy: AccessPolicy;
  readonly sessions: SessionRegistry;
  readonly challenges: ChallengeSurroundings;
  readonly onDecision: DecisionListener | undefined;
}

const NO_OPERATIONS: Operations = { batch: false, operations: [] };
const ALLOWED = {
  outcome: 'allowed',
  reason: undefined,
  status: undefined,
  expected: undefined,
  received: undefined,
} as const;

/**
 * Creates the judge of requests: credentials to caller, caller and body to a decision, each refusal written
 * out and every decision reported once.
 */
export function createRequestJudge(
  parts: RequestJudgeParts,
): (request: IncomingRequest) => Authenticated | Refusal | Promise<Authenticated | Refusal> {
  const { policy, sessions, challenges, onDecision } = parts;

  const notify = createNotifier(onDecision);

  const report = (
    decision: Pick<Decision, 'outcome' | 'reason' | 'status' | 'expected' | 'received'>,
    startedAt: number,
    caller?: Caller,
    operations: readonly Operation[] = [],
  ): void => {
    notify({
      ...decision,
      issuer: caller?.issuer,
      clientId: caller?.clientId,
      callerKind: caller?.kind,
      operations: operations.map(describeOperation),
      durationMilliseconds: performance.now() - startedAt,
    });
  };

  const refuse = (
    details: RefusalDetails,
    startedAt: number,
    scheme: Credentials['scheme'] | undefined,
    caller?: Caller,
  ): Refusal => {
    const responseHeaders = { ...READABLE_BY_PAGES, ...details.responseHeaders };
    const refusal = createRefusal(challenges, { ...details, responseHeaders }, scheme);
    const { reason, status, expected, received } = refusal;
    const evidence = { outcome: 'refused', reason, status, expected, received } as const;
    report(evidence, startedAt, caller, details.operations?.operations);
    return refusal;
  };

  const refuseFailure = (
    error: unknown,
    startedAt: number,
    scheme: Credentials['scheme'] | undefined,
  ): Refusal => {
    if (!(error instanceof VerificationFailure)) throw error;
    const { reason, details } = error;
    // A token bound to a key and sent as Bearer is told which scheme it needs.
    const needed = details.neededScheme ?? scheme;
    return refuse({ ...details, reason, scopes: policy.baseScopes }, startedAt, needed);
  };

  const authorize = (
    caller: Caller,
    scheme: Credentials['scheme'],
    startedAt: number,
    body: unknown,
  ): Authorized | Refusal => {
    const operations = body === undefined ? NO_OPERATIONS : readOperations(body, policy.namedKinds);
    if (operations === undefined) {
      const description =
        'The request body is not a JSON-RPC message that names what it works on, or a batch of 1 to 100 of them.';
      return refuse({ reason: 'body_not_json_rpc', description }, startedAt, scheme, caller);
    }
    const shortfall = policy.judge(caller, operations.operations);
    if (shortfall !== undefined)
      return refuse(explainShortfall(shortfall, caller, operations), startedAt, scheme, caller);
    if (onDecision !== undefined) report(ALLOWED, startedAt, caller, operations.operations);
    return { ok: true };
  };

  const refuseForeignSession = (caller: Caller, scheme: Credentials['scheme'], startedAt: number): Refusal =>
    refuse(
      {
        reason: 'session_of_another',
        expected: 'a session of this caller',
        received: 'the session of another one',
        // The answer to a session that does not exist: whether it does is nobody else's business.
        description: 'Session not found; start a new one.',
      },
      startedAt,
      scheme,
      caller,
    );

  const accept = (
    { caller, headers }: AuthenticatedCaller,
    request: IncomingRequest,
    scheme: Credentials['scheme'],
    startedAt: number,
  ): Authenticated | Refusal => {
    const sessionId = onlyValue(request.headers['mcp-session-id']);
    if (sessionId !== undefined && sessions.belongsToAnother(sessionId, principalOf(caller))) {
      return refuseForeignSession(caller, scheme, startedAt);
    }
    return {
      ok: true,
      caller,
      headers,
      authorize: (body) => authorize(caller, scheme, startedAt, body),
      refuseBody: (reason) =>
        refuse({ reason, description: BODY_REFUSALS[reason] }, startedAt, scheme, caller),
      bindSession: (id) => sessions.bind(id, principalOf(caller)),
    };
  };

  return (request) => {
    const startedAt = onDecision === undefined ? 0 : performance.now();
    let scheme: Credentials['scheme'] | undefined;
    try {
      const credentials = readCredentials(request.headers);
      if (credentials === undefined) {
        const description = `This MCP server needs an access token. How to get one is described at ${challenges.resourceMetadataUrl}`;
        return refuse(
          { reason: 'credentials_missing', description, scopes: policy.baseScopes },
          startedAt,
          scheme,
        );
      }
      const known = (scheme = credentials.scheme);
      const authenticated = parts.authenticate(request, credentials);
      if (!(authenticated instanceof Promise)) return accept(authenticated, request, known, startedAt);
      return authenticated.then(
        (caller) => accept(caller, request, known, startedAt),
        (error: unknown) => refuseFailure(error, startedAt, known),
      );
    } catch (error) {
      return refuseFailure(error, startedAt, scheme);
    }
  };
}

function onlyValue(header: string | readonly string[] | undefined): string | undefined {
  // Of several, no handler can be trusted to take the one that is judged: together they name no session at all.
  return header === undefined || typeof header === 'string' ? header : header.join(', ');
}

/** Whom a session belongs to: the same subject by way of the same client of the same issuer. */
function principalOf({ issuer, clientId, subject }: Caller): string {
  return JSON.stringify([issuer, clientId, subject]);
}
