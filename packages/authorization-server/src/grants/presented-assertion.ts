import { decodeJwt } from '@mcp-m2m/core/server';
import type { Provider } from 'oidc-provider';

import { CLOCK_TOLERANCE_SECONDS } from '../provider/assertion-checks.ts';
import { rewriteForms, type RequestForm } from '../provider/request-form.ts';
import { refuseGrant, type GrantRefusal } from './grant-refusal.ts';
import { JWT_BEARER_GRANT } from './grant-types.ts';
import type { AcceptedAssertion, JudgeAssertion, RefusedAssertion } from './judge-assertion.ts';
import type { UseAssertion } from './jwt-bearer-grant.ts';

/** An assertion that a request brought instead of a credential of its client. */
export interface PresentedAssertion {
  readonly assertion: string;
  /** The client that the request claims, if it names one. */
  readonly clientId: string | undefined;
  /** As the grant itself, or in place of an assertion that the client has signed. */
  readonly as: 'grant' | 'credential';
  /** What came of it, once it was judged. */
  outcome?: AcceptedAssertion | RefusedAssertion | undefined;
}

const presented = new WeakMap<object, PresentedAssertion>();

/** The assertion that stands for the client of a request, where the client brought no credential. */
export function presentedAssertion(ctx: object | undefined): PresentedAssertion | undefined {
  return ctx === undefined ? undefined : presented.get(ctx);
}

/**
 * Ends a request whose assertion was to stand for its client, and does not.
 *
 * @throws the refusal
 */
export function assertPresentedAccepted(ctx: object | undefined): void {
  const found = presentedAssertion(ctx);
  if (found === undefined || found.outcome?.accepted === true) return;
  throw refuseGrant(found.outcome?.refusal ?? NOT_JUDGED);
}

// Nothing leads here: who was not judged was not accepted.
const NOT_JUDGED: GrantRefusal = {
  error: 'invalid_client',
  reason: 'assertion_malformed',
  description: 'client authentication failed',
};

const CLIENT_ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** Takes the place of the client's id until the assertion was judged; no client can be registered under it. */
const TO_BE_JUDGED = '(presented)';

/**
 * Lets an assertion stand for the client that sends it: as the grant itself (RFC 7523 §2.1), where the client
 * brings no other credential, or in place of one that it has signed itself (§2.2), where somebody else has made
 * it.
 *
 * The engine wants to know the client before it looks at the grant. It is given a name that the adapter
 * recognises; there the assertion is judged, and its client presented as one that needs no credential, in this
 * request alone. To be installed after what gives requests of other endpoints a grant type of their own.
 */
export function installPresentedAssertions(provider: Provider): void {
  rewriteForms(provider, (form, ctx) => {
    if (ctx.req.headers.authorization !== undefined) return form;
    const found = findAssertion(form);
    if (found === undefined) return form;
    presented.set(ctx, found);
    const { client_assertion: _assertion, client_assertion_type: _type, ...rest } = form;
    return { ...rest, client_id: TO_BE_JUDGED };
  });
}

function findAssertion(form: RequestForm): PresentedAssertion | undefined {
  const { client_id: clientId, client_secret: secret, assertion, client_assertion: credential } = form;
  if (secret !== undefined || typeof clientId === 'object') return undefined;
  const claimed = clientId === '' ? undefined : clientId;
  if (credential === undefined) {
    const isGrant = form['grant_type'] === JWT_BEARER_GRANT;
    return isGrant && typeof assertion === 'string' && assertion !== ''
      ? { assertion, clientId: claimed, as: 'grant' }
      : undefined;
  }
  if (typeof credential !== 'string' || form['client_assertion_type'] !== CLIENT_ASSERTION_TYPE)
    return undefined;
  return isOfAnother(credential) ? { assertion: credential, clientId: claimed, as: 'credential' } : undefined;
}

/** Whether an assertion has an issuer that is not its subject: no client has signed that for itself. */
function isOfAnother(assertion: string): boolean {
  // Most assertions are a client's own, for which a look is enough.
  if (looksLikeOwn(assertion)) return false;
  const decoded = decodeJwt(assertion);
  if (!decoded.accepted) return false;
  const { iss, sub } = decoded.claims;
  return typeof iss === 'string' && typeof sub === 'string' && iss !== sub;
}

function looksLikeOwn(assertion: string): boolean {
  const [, payload = ''] = assertion.split('.', 2);
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const { iss, sub } = claims as Record<string, unknown>;
    return typeof iss === 'string' && iss === sub;
  } catch {
    return false;
  }
}

/**
 * Judges a presented assertion, and remembers what came of it.
 *
 * @returns the client it stands for, if it was accepted
 */
export async function judgePresented(
  found: PresentedAssertion,
  judge: JudgeAssertion,
  use: UseAssertion,
): Promise<string | undefined> {
  const outcome = await decideOutcome(found, judge, use);
  found.outcome = found.as === 'credential' ? asCredential(outcome) : outcome;
  return outcome.accepted ? (found.clientId ?? outcome.clientIds[0]) : undefined;
}

/** The trust rule by which an accepted assertion stands for a client. */
export function ruleBehind({ outcome }: PresentedAssertion, clientId: string): string | undefined {
  return outcome?.accepted === true ? outcome.ruleIds?.get(clientId) : undefined;
}

async function decideOutcome(
  { assertion, clientId, as }: PresentedAssertion,
  judge: JudgeAssertion,
  use: UseAssertion,
): Promise<AcceptedAssertion | RefusedAssertion> {
  const judged = await judge(assertion);
  if (!judged.accepted) return judged;
  const refusal = refuseAsProof(judged, clientId);
  if (refusal !== undefined) return { accepted: false, refusal };
  // Like an assertion that the client has signed; as the grant, it is used up when everything else is judged.
  if (as === 'credential' && !(await useUp(judged, use))) return { accepted: false, refusal: REPLAYED };
  return judged;
}

/** Uses up an assertion that counts once: false for one that was used before. */
export async function useUp({ once }: AcceptedAssertion, use: UseAssertion): Promise<boolean> {
  return (
    once === undefined ||
    (await use(once.issuer, once.id, Math.ceil(once.expiresAt) + CLOCK_TOLERANCE_SECONDS))
  );
}

/** The refusal of an assertion that was used up. */
export const REPLAYED: GrantRefusal = {
  error: 'invalid_grant',
  reason: 'assertion_replayed',
  description: 'the assertion was used before; get a new one for every request',
};

/** Why an accepted assertion does not prove who the client is, if it does not. */
function refuseAsProof(
  { kind, clientIds }: AcceptedAssertion,
  clientId: string | undefined,
): GrantRefusal | undefined {
  if (kind === 'id-jag') {
    return {
      error: 'invalid_client',
      reason: 'authentication_method_not_registered',
      description:
        'an ID-JAG says for whom a client acts, not who the client is: authenticate with a secret or private_key_jwt as well',
    };
  }
  if (clientId === undefined && clientIds.length > 1) {
    return {
      error: 'invalid_request',
      reason: 'client_ambiguous',
      description: 'the assertion stands for several clients: name one in client_id',
      detail: `the assertion stands for ${clientIds.join(' and ')}`,
    };
  }
  if (clientId === undefined || clientIds.includes(clientId)) return undefined;
  return refuseOtherClient(clientIds);
}

/** The refusal of an assertion that is right, and stands for another client. */
export function refuseOtherClient(clientIds: readonly string[]): GrantRefusal {
  return {
    error: 'invalid_grant',
    reason: 'assertion_of_another_client',
    description: 'the assertion does not stand for this client',
    detail: `the assertion stands for ${clientIds.join(' and ')}`,
  };
}

/** The same where the assertion is the client's credential, and not the grant. */
function asCredential(outcome: AcceptedAssertion | RefusedAssertion): AcceptedAssertion | RefusedAssertion {
  if (outcome.accepted || outcome.refusal.error !== 'invalid_grant') return outcome;
  const { refusal } = outcome;
  return {
    accepted: false,
    refusal:
      refusal.reason === 'assertion_issuer_unknown'
        ? // Most likely a client's own, wrongly made: told like any other wrong credential.
          { ...NOT_JUDGED, reason: 'assertion_issuer_not_client', detail: refusal.detail }
        : { ...refusal, error: 'invalid_client' },
  };
}
