import { authenticateRequest } from '@mcp-m2m/core/node';
import {
  createResourceServer,
  type Caller,
  type ClientCertificateOptions,
  type HttpAnswer,
  type Refusal,
  type ResourceServer,
} from '@mcp-m2m/core/server';
import type { MiddlewareHandler } from 'hono';

import type { ReportEvent } from '../events.ts';
import type { ClientAddress } from '../http/client-address.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { ADMIN_SCOPES, adminResourceOf } from '../operations/bootstrap-client.ts';
import type { FindClientCredentials } from '../store/client-credentials.ts';
import type { ReplayGuard } from '../store/replay-guard.ts';
import { placeOf } from '../withdrawal/token-status.ts';
import type { StandsStill } from '../withdrawal/introspection.ts';
import type { AdminEnvironment } from './admin-environment.ts';
import { createProblem, ProblemError } from './problem.ts';

const [READ, WRITE] = ADMIN_SCOPES;

/** Dependencies of {@link createAdminAuthentication}. */
export interface AdminAuthenticationDependencies {
  readonly issuer: string;
  /** The server's own metadata and key set, by URL: what others fetch over the network is at hand here. */
  readonly readDocument: (url: string) => unknown;
  readonly ring: Pick<KeyRing, 'published' | 'refresh'>;
  readonly standsStill: StandsStill;
  readonly findClient: FindClientCredentials;
  readonly replay: ReplayGuard;
  /** Where client certificates are seen; nowhere when undefined. */
  readonly clientCertificate: ClientCertificateOptions | undefined;
  readonly clientAddress: ClientAddress;
  readonly report: ReportEvent;
  readonly now: () => number;
}

/** The protection of the administrative API. */
export interface AdminAuthentication {
  /** Lets requests pass whose token has the scope: `admin:read` for reading, `admin:write` for the rest. */
  readonly authenticate: MiddlewareHandler<AdminEnvironment>;
  /** Serves the metadata of the API as a protected resource. */
  readonly server: ResourceServer;
}

/**
 * Protects the administrative API like any other resource: with access tokens of this very server, for
 * `<issuer>/admin`. Refused at once is a token that was revoked, one of a client that was disabled or has less
 * access by now, and one signed with a key that was retired.
 *
 * Who was given somebody else's token administers nothing with it: a delegated token is refused, whatever it is for.
 */
export function createAdminAuthentication(
  dependencies: AdminAuthenticationDependencies,
): AdminAuthentication {
  const { issuer, readDocument, ring, standsStill, findClient, clientAddress, report, now } = dependencies;
  const { clientCertificate, replay } = dependencies;
  const resource = adminResourceOf(issuer);
  const issuerPath = new URL(issuer).pathname.replace(/\/$/, '');
  const createServer = (): ResourceServer =>
    createResourceServer({
      resource,
      authorizationServers: [issuer],
      access: { scopeHierarchy: { [WRITE]: [READ] } },
      resourceName: 'Administration of the authorization server',
      statusLists: false,
      dpop: {
        // As at the token endpoint: a proof that was used on one instance is used on all of them.
        replayStore: { useOnce: async (key, expiresAt) => await replay.use(`dpop ${key}`, expiresAt) },
      },
      ...(clientCertificate === undefined ? {} : { clientCertificate }),
      isRevoked: async ({ claims }) => {
        const { jti, client_id: clientId, exp } = claims;
        const place = typeof jti === 'string' ? placeOf(jti) : undefined;
        if (place === undefined || typeof clientId !== 'string' || typeof exp !== 'number') return true;
        const access = (await findClient(clientId))?.access.find((entry) => entry.resource === resource);
        const scopes = typeof claims['scope'] === 'string' ? claims['scope'].split(' ') : [];
        if (access === undefined || !scopes.every((scope) => access.scopes.includes(scope))) return true;
        return !(await standsStill({ tokenId: String(jti), clientId, expiresAt: exp, place, claims }));
      },
      fetch: async (url) => {
        const document = await readDocument(url);
        return document === undefined ? new Response(null, { status: 404 }) : Response.json(document);
      },
      now,
    });
  const server = createServer();
  let judges: { readonly keys: unknown; readonly read: ResourceServer; readonly write: ResourceServer };

  /** Made anew when the signing keys change, so that nothing is known any more of a key that is gone. */
  async function currentJudges(): Promise<typeof judges> {
    await ring.refresh();
    const keys = ring.published();
    if (judges?.keys !== keys) {
      const fresh = createServer();
      judges = { keys, read: fresh.requiring([READ]), write: fresh.requiring([WRITE]) };
    }
    return judges;
  }

  return {
    server,
    async authenticate(c, next) {
      const request = c.env.incoming;
      const { method } = c.req;
      const { read, write } = await currentJudges();
      const judge = method === 'GET' || method === 'HEAD' ? read : write;
      const { pathname, search } = new URL(c.req.url);
      const verdict = await authenticateRequest(judge, request, issuerPath + pathname + search);
      const authorized = verdict.ok ? verdict.authorize(undefined) : undefined;
      const refusal = verdict.ok ? (authorized?.ok === false ? authorized : undefined) : verdict.answer;
      const address = clientAddress(request);
      if (refusal !== undefined || !verdict.ok) {
        const answer = refusal as HttpAnswer | Refusal;
        if ('reason' in answer)
          reportRefusal(answer, verdict.ok ? verdict.caller.clientId : undefined, address);
        return toProblem(answer);
      }
      const { caller, headers } = verdict;
      if (caller.kind === 'delegated') {
        reportRefusal(DELEGATED, caller.clientId, address);
        throw new ProblemError(DELEGATED.status, DELEGATED.reason, DELEGATED.description);
      }
      c.set('caller', caller);
      c.set('administrator', { actor: nameOf(caller), address });
      await next();
      for (const [name, value] of Object.entries(headers)) c.header(name, value);
      c.header('Cache-Control', 'no-store');
      return undefined;
    },
  };

  function reportRefusal(
    { status, reason, description }: Pick<Refusal, 'status' | 'description'> & { readonly reason: string },
    clientId: string | undefined,
    remoteAddress: string | undefined,
  ): void {
    report({
      type: 'request_refused',
      endpoint: 'admin',
      clientId,
      status,
      error: reason,
      reason,
      detail: description,
      remoteAddress,
    });
  }
}

const DELEGATED = {
  status: 403,
  reason: 'delegation_not_allowed',
  description: 'The token is for somebody else to act with: an administrator uses a token of its own.',
} as const;

/** Who did it, for the audit trail: the client, and the person for whom it acts where there is one. */
function nameOf({ kind, clientId, subject }: Caller): string {
  return kind === 'machine' ? clientId : `${subject} by ${clientId}`;
}

function toProblem(answer: HttpAnswer | Refusal): Response {
  if (!('reason' in answer))
    return new Response(answer.body, { status: answer.status, headers: answer.headers });
  const { status, headers, reason, description } = answer;
  return Response.json(createProblem(status, reason, description), {
    status,
    headers: { ...headers, 'Content-Type': 'application/problem+json' },
  });
}
