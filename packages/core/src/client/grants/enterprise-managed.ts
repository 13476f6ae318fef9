import {
  isClientAuthentication,
  type ClientAuthentication,
} from '../../client-authentication/client-authentication.ts';
import { withoutSecrets } from '../../document-error.ts';
import { parseIssuerIdentifier } from '../../issuer-identifier.ts';
import { assertKnownOptions } from '../../known-options.ts';
import { createAuthorizationServerCache } from '../discovery/authorization-server-cache.ts';
import { assertAuthorizationServerSupport } from '../discovery/authorization-server-support.ts';
import { discoverAuthorizationServer } from '../discovery/discovery.ts';
import { TokenAcquisitionError } from '../token-acquisition-error.ts';
import { readJsonAnswer } from '../token-endpoint/json-answer.ts';
import { readRefusal } from '../token-endpoint/token-refusal.ts';
import { sendTokenRequest } from '../token-endpoint/token-request.ts';
import type { AssertionSource } from './assertion-source.ts';
import { withSubject, type AuthorizationGrant, type GrantContext } from './authorization-grant.ts';
import { readIdentityAssertion } from './identity-assertion.ts';
import { JWT_BEARER_GRANT } from './jwt-bearer.ts';
import { readAssertion, toAssertionSource, type AssertionFunction } from './read-assertion.ts';
import {
  assertTokenType,
  TOKEN_EXCHANGE_GRANT,
  TOKEN_TYPES,
  type TokenTypeIdentifier,
} from './token-types.ts';

/** The enterprise's identity provider, and who the client is there. */
export interface EnterpriseIdentityProvider {
  readonly issuer: string | URL;
  /** The client's id at the identity provider, which may be another than at the MCP server's authorization server. */
  readonly clientId: string;
  readonly authentication: ClientAuthentication;
}

/** Options of {@link enterpriseManaged}. */
export interface EnterpriseManagedOptions {
  readonly identityProvider: EnterpriseIdentityProvider;
  /** The identity assertion of the person or workload: what the identity provider issued at sign-in, read at every use. */
  readonly subjectToken: AssertionSource | AssertionFunction;
  /** What kind of token that is. Default: an ID token. */
  readonly subjectTokenType?: TokenTypeIdentifier | undefined;
  /** Names that person or workload, so that its tokens are never given to another: issuer and subject, say. */
  readonly subject: string;
}

/**
 * Enterprise-managed authorization: the identity provider that an enterprise runs decides who may use which MCP
 * server. The client exchanges an identity assertion there for an ID-JAG, made for the MCP server's authorization
 * server alone, and presents that at it; nobody is asked for consent.
 *
 * @throws TypeError for a wrong option
 * @see {@link https://modelcontextprotocol.io/extensions/auth/enterprise-managed-authorization | MCP enterprise-managed authorization},
 *   {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant | ID-JAG}
 */
export function enterpriseManaged(options: EnterpriseManagedOptions): AuthorizationGrant {
  const settings = readOptions(options);
  const { issuer, subject } = settings;
  let metadata: ReturnType<typeof createAuthorizationServerCache> | undefined;

  async function exchange(context: GrantContext): Promise<string> {
    const { concealment, resource, budget, now, fetch } = context;
    metadata ??= createAuthorizationServerCache(issuer, now);
    const identityProvider = await discoverAuthorizationServer(
      { resource, issuer, fetch, now, budget },
      metadata,
    );
    const { clientId, authentication } = settings;
    let tokenEndpoint: string;
    try {
      const needed = { grantType: TOKEN_EXCHANGE_GRANT, authentication };
      tokenEndpoint = assertAuthorizationServerSupport(identityProvider, needed, resource);
    } catch (error) {
      // Somebody will correct it.
      metadata.expire();
      throw error;
    }
    const subjectToken = await readAssertion(settings.subjectToken, { ...context, issuer, clientId });
    const requestedAt = now();
    const answer = await sendTokenRequest({
      resource,
      step: 'assertion',
      parameters: {
        grant_type: TOKEN_EXCHANGE_GRANT,
        requested_token_type: TOKEN_TYPES.idJag,
        audience: context.issuer,
        resource,
        scope: context.scopes.length === 0 ? undefined : context.scopes.join(' '),
        subject_token: subjectToken,
        subject_token_type: settings.subjectTokenType,
      },
      authentication,
      context: { issuer, tokenEndpoint, clientId, now },
      fetch,
      budget,
      concealment,
    });
    const server = withoutSecrets(tokenEndpoint);
    const document = readJsonAnswer(answer.body);
    if (answer.status !== 200) {
      const [code, details] = readRefusal(
        answer,
        document,
        { resource, server, requestedAt, receivedAt: now(), method: authentication.method, issuer },
        concealment,
      );
      throw new TokenAcquisitionError(code, {
        ...details,
        step: 'assertion',
        // It says so of the one at the identity provider.
        credentialRefused: false,
        expected: 'an ID-JAG',
        hint:
          details.hint ??
          'Ask the administrator of the identity provider whether this client may act for this subject at this MCP server.',
      });
    }
    const judged = readIdentityAssertion(document, {
      audience: context.issuer,
      clientId: context.clientId,
      resource,
      dpopThumbprint: await context.dpop?.thumbprint(),
      now: requestedAt,
    });
    if ('assertion' in judged) return judged.assertion;
    throw new TokenAcquisitionError('token_response_invalid', {
      step: 'assertion',
      resource,
      server,
      expected: judged.expected,
      received: concealment.show(judged.received, 500),
      hint: 'Have the administrator of the identity provider correct what it issues for this client; nothing was handed on.',
    });
  }

  const grant: AuthorizationGrant = {
    grantType: JWT_BEARER_GRANT,
    async createParameters(context) {
      const assertion = await exchange(context);
      context.concealment.add(assertion);
      return { parameters: { grant_type: JWT_BEARER_GRANT, assertion }, presentedTokens: [assertion] };
    },
  };
  return withSubject(grant, subject);
}

function readOptions(options: EnterpriseManagedOptions) {
  assertKnownOptions(
    options,
    ['identityProvider', 'subjectToken', 'subjectTokenType', 'subject'],
    'enterpriseManaged',
  );
  const { identityProvider, subject, subjectTokenType = TOKEN_TYPES.idToken } = options;
  assertKnownOptions(identityProvider, ['issuer', 'clientId', 'authentication'], 'identityProvider');
  const { clientId, authentication } = identityProvider;
  if (typeof clientId !== 'string' || clientId === '') {
    throw new TypeError('identityProvider.clientId must be a non-empty string: the id of the client there.');
  }
  if (!isClientAuthentication(authentication)) {
    throw new TypeError(
      'identityProvider.authentication must be what privateKeyJwt(…) or another of its kind returns.',
    );
  }
  assertTokenType(subjectTokenType, 'subjectTokenType');
  if (typeof subject !== 'string' || subject === '') {
    throw new TypeError(
      'subject must name whom the subject token stands for: its tokens are kept apart by that name.',
    );
  }
  return {
    issuer: parseIssuerIdentifier(identityProvider.issuer, 'identityProvider.issuer'),
    clientId,
    authentication,
    subject,
    subjectTokenType,
    subjectToken: toAssertionSource(options.subjectToken, 'subjectToken'),
  };
}
