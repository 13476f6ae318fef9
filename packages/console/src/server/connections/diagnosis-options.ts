import {
  clientSecretBasic,
  clientSecretPost,
  createDpop,
  jwtBearer,
  noClientAuthentication,
  privateKeyJwt,
  tokenExchange,
  type AssertionSource,
  type ClientAuthentication,
} from '@mcp-m2m/core/client';
import type { DiagnoseOptions } from '@mcp-m2m/doctor';

import { ConsoleProblem } from '../http/problem.ts';
import type { ConnectionTestValue, CredentialSettings, Grant } from './connection-settings.ts';

/** Grants that begin with a person, by their names on the wire. */
const OF_PEOPLE: Partial<Record<Grant, string>> = {
  authorization_code: 'authorization_code',
  device_code: 'urn:ietf:params:oauth:grant-type:device_code',
  password: 'password',
};

/** Tells whether a grant begins with a person. */
export function needsPerson(grant: Grant | undefined): boolean {
  return grant !== undefined && OF_PEOPLE[grant] !== undefined;
}

/**
 * Turns what a form says into the options of a diagnosis.
 *
 * @param sources - where the assertions of workloads come from, by name
 * @throws ConsoleProblem `connection_incomplete`; TypeError of what makes the options, in words for people
 */
export function toDiagnoseOptions(
  settings: ConnectionTestValue,
  sources: ReadonlyMap<string, AssertionSource>,
): DiagnoseOptions {
  const { url, issuer, grant = 'client_credentials', clientId, credential, scopes, dpop } = settings;
  const { tokenParameters, tool, timeoutMilliseconds, subjectToken } = settings;
  const common = { url, issuer, scopes, tokenParameters, tool, timeoutMilliseconds };
  const base = { ...common, ...(dpop === true ? { dpop: createDpop() } : {}) };
  const ofPeople = OF_PEOPLE[grant];
  if (credential?.kind === 'token') return { ...base, token: credential.token };
  if (ofPeople !== undefined) {
    return { ...base, grantType: ofPeople, ...authenticationOf(clientId, credential, sources) };
  }
  if (credential === undefined && clientId === undefined) return base;
  if (grant === 'workload') {
    const assertion = assertionOf(credential, sources);
    return {
      ...base,
      clientId: clientId ?? 'workload',
      authentication: noClientAuthentication(),
      grant: jwtBearer({ assertion }),
    };
  }
  const authentication = authenticationOf(clientId, credential, sources);
  if (grant !== 'token_exchange') return { ...base, ...authentication };
  if (subjectToken === undefined) {
    throw incomplete(
      'Token exchange needs the token of the party on whose behalf it is: fill in "Subject token".',
    );
  }
  return { ...base, ...authentication, grant: tokenExchange({ subjectToken }) };
}

function authenticationOf(
  clientId: string | undefined,
  credential: CredentialSettings | undefined,
  sources: ReadonlyMap<string, AssertionSource>,
): { clientId?: string; authentication?: ClientAuthentication } {
  if (credential === undefined && clientId === undefined) return {};
  if (clientId === undefined)
    throw incomplete('A credential needs the client id that it belongs to: fill in "Client ID".');
  if (credential === undefined) {
    throw incomplete(
      'A client id alone proves nothing: add its secret or private key, or leave the client id out as well.',
    );
  }
  switch (credential.kind) {
    case 'secret': {
      const { secret: clientSecret, method = 'basic' } = credential;
      const authentication =
        method === 'post' ? clientSecretPost({ clientSecret }) : clientSecretBasic({ clientSecret });
      return { clientId, authentication };
    }
    case 'private_key': {
      const { privateKeyPem: key, algorithm = 'ES256', keyId } = credential;
      return { clientId, authentication: privateKeyJwt({ key, algorithm, keyId }) };
    }
    case 'assertion':
    case 'token':
    case 'workload_token':
      assertionOf(credential, sources);
      throw incomplete(
        'The token of a workload is a grant of its own: choose "Workload token" as the grant.',
      );
  }
}

function assertionOf(
  credential: CredentialSettings | undefined,
  sources: ReadonlyMap<string, AssertionSource>,
): AssertionSource | (() => Promise<string>) {
  if (credential?.kind === 'assertion') {
    const { assertion } = credential;
    return () => Promise.resolve(assertion);
  }
  if (credential?.kind === 'workload_token') {
    const source = sources.get(credential.source);
    if (source !== undefined) return source;
    const names = [...sources.keys()].join(', ');
    throw incomplete(
      names === ''
        ? 'This console has no source of workload tokens: its operator sets the option workloadTokens. Or paste a token.'
        : `This console has no source of workload tokens of that name; it has ${names}.`,
    );
  }
  throw incomplete(
    'The workload grant needs the token of a workload: choose a source of them, or paste one.',
  );
}

function incomplete(detail: string): ConsoleProblem {
  return new ConsoleProblem(422, 'connection_incomplete', detail);
}
