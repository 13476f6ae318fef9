import { printable } from '@mcp-m2m/core';
import type { ClientAuthentication } from '@mcp-m2m/core/client';

import type { Finding } from '../diagnosis.ts';
import { failure, warning } from '../findings.ts';
import type { Walk } from '../walk.ts';
import { describeList } from './authorization-server-metadata.ts';
import type { Step } from './step.ts';

const CLIENT_CREDENTIALS = 'client_credentials';
const INSTEAD =
  'Use client_credentials with a credential of the machine itself; for acting on behalf of a person, exchange a token of theirs (token exchange).';

const PASSWORD_GRANT = failure(
  'password_grant',
  "The password grant hands a person's password to a program; OAuth 2.1 has dropped it, and MCP does not know it.",
  INSTEAD,
);

/** Grants that take a person, by what is to be said of them. */
const OF_PEOPLE: ReadonlyMap<string, Finding> = new Map([
  ['password', PASSWORD_GRANT],
  [
    'implicit',
    failure(
      'implicit_grant',
      'The implicit grant gives tokens to a browser in which a person signs in; OAuth 2.1 has dropped it.',
      INSTEAD,
    ),
  ],
  ...['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'].map(
    (name): [string, Finding] => [
      name,
      failure(
        'grant_needs_person',
        `The grant ${name} begins with a person who signs in, and there is none here.`,
        `${INSTEAD} If the server's tools are meant for people, connect with a client that opens a browser.`,
      ),
    ],
  ),
]);

/** Parameters of the authorization code grant, by which a copied request is recognised. */
const OF_AUTHORIZATION_CODE = [
  'code',
  'code_challenge',
  'code_challenge_method',
  'code_verifier',
  'redirect_uri',
  'response_type',
  'state',
];

/** Parameters of the password grant, likewise. */
const OF_PASSWORD = ['username', 'password'];

/** Compares what the client wants to use with what the authorization server offers. */
export const grant: Step = {
  name: 'grant',
  title: 'Grant and client authentication',
  async run(walk) {
    const { settings, authorizationServer } = walk;
    const wanted = settings.grantType ?? settings.grant?.grantType ?? CLIENT_CREDENTIALS;
    const offered = authorizationServer?.grantTypesSupported;
    const about = {
      expected: `the grant ${wanted}${describeMethods(methodsOf(walk))}`,
      received:
        authorizationServer === undefined
          ? 'not known'
          : `grants ${describeList(offered)}, client authentication ${describeList(authorizationServer.tokenEndpointAuthMethodsSupported)}`,
    };
    const ofPeople = OF_PEOPLE.get(wanted);
    if (ofPeople !== undefined) return { ...about, findings: [ofPeople] };
    if (settings.token !== undefined) return { skipped: true, received: 'a token is at hand already' };
    if (authorizationServer === undefined) {
      return { skipped: true, received: 'no authorization server is known' };
    }
    return {
      ...about,
      findings: [...judgeParameters(walk), ...judgeGrant(walk, wanted), ...judgeMethods(walk)],
    };
  },
};

/** How the client can prove who it is. */
export function methodsOf({ settings }: Walk): readonly ClientAuthentication[] {
  const { authentication } = settings;
  if (authentication === undefined) return [];
  return Array.isArray(authentication)
    ? (authentication as readonly ClientAuthentication[])
    : [authentication as ClientAuthentication];
}

function describeMethods(methods: readonly ClientAuthentication[]): string {
  return methods.length === 0 ? '' : `, by ${methods.map(({ method }) => method).join(' or ')}`;
}

function judgeParameters({ settings }: Walk): readonly Finding[] {
  const ofPasswords = OF_PASSWORD.filter((name) => settings.tokenParameters?.[name] !== undefined);
  if (ofPasswords.length > 0) return [PASSWORD_GRANT];
  const foreign = OF_AUTHORIZATION_CODE.filter((name) => settings.tokenParameters?.[name] !== undefined);
  if (foreign.length === 0) return [];
  return [
    failure(
      'pkce_without_authorization_code',
      `The token request has ${foreign.join(', ')}: parameters of the authorization code grant, in which a person signs in.`,
      `Remove ${foreign.length === 1 ? 'it' : 'them'}; PKCE protects a code on its way through a browser, and here is neither.`,
    ),
  ];
}

function judgeGrant({ authorizationServer, issuer }: Walk, wanted: string): readonly Finding[] {
  const offered = authorizationServer?.grantTypesSupported;
  if (offered === undefined || offered.includes(wanted)) return [];
  if (offered.length > 0 && offered.every((name) => OF_PEOPLE.has(name))) {
    return [
      failure(
        'only_people_can_sign_in',
        `${issuer} offers ${printable(offered)} only: grants in which a person signs in. A machine alone gets no token there.`,
        `Have its operator enable ${CLIENT_CREDENTIALS} for a client of this machine's own, or have the MCP server trust an authorization server that offers it.`,
      ),
    ];
  }
  return [
    failure(
      'grant_not_offered',
      `${issuer} does not offer the grant ${wanted}; it offers ${printable(offered)}.`,
      'Use one of those, or have the operator of the authorization server enable this one.',
    ),
  ];
}

function judgeMethods(walk: Walk): readonly Finding[] {
  const { authorizationServer, settings, protectedResource } = walk;
  const methods = methodsOf(walk);
  const findings: Finding[] = [];
  const offered = authorizationServer?.tokenEndpointAuthMethodsSupported;
  if (
    offered !== undefined &&
    methods.length > 0 &&
    !methods.some(({ method }) => offered.includes(method))
  ) {
    findings.push(
      failure(
        'authentication_method_not_offered',
        `The authorization server does not take ${methods.map(({ method }) => method).join(' or ')}; it takes ${printable(offered)}.`,
        'Authenticate in one of those ways, and register the client for it.',
      ),
    );
  }
  const algorithms = authorizationServer?.tokenEndpointAuthSigningAlgValuesSupported;
  const [algorithm] = methods.flatMap(({ algorithm: name }) => (name === undefined ? [] : [name]));
  if (algorithms !== undefined && algorithm !== undefined && !algorithms.includes(algorithm)) {
    findings.push(
      failure(
        'signing_algorithm_not_offered',
        `The authorization server does not take assertions signed with ${algorithm}; it takes ${printable(algorithms)}.`,
        'Create a key for one of those, and register its public part.',
      ),
    );
  }
  if (protectedResource?.document.dpop_bound_access_tokens_required === true && settings.dpop === undefined) {
    findings.push(
      warning(
        'dpop_required',
        'The MCP server takes tokens only that are bound to a key (DPoP).',
        'Give the client a key for it: dpop: createDpop(), or --dpop on the command line.',
      ),
    );
  }
  return findings;
}
