import { parseIssuerIdentifier, parseResourceIdentifier } from '@mcp-m2m/core';
import type { AssertionSource } from '@mcp-m2m/core/client';

import { ConsoleProblem } from '../http/problem.ts';
import type { ConnectionSettingsValue } from './connection-settings.ts';
import { needsPerson, toDiagnoseOptions } from './diagnosis-options.ts';

/**
 * Says why a connection cannot be saved as it is, and what to do. Whether it works is not asked here: one that does
 * not can be saved, and mended later.
 *
 * @throws ConsoleProblem `grant_needs_person`, `connection_incomplete` or `connection_malformed`
 */
export function refuseUnusable(
  settings: ConnectionSettingsValue,
  sources: ReadonlyMap<string, AssertionSource>,
): void {
  if (needsPerson(settings.grant)) {
    throw new ConsoleProblem(
      422,
      'grant_needs_person',
      'This connection was not saved: its grant begins with a person who signs in, and nobody is there when a machine connects. Choose "Client credentials" with a credential of the machine itself, or "Token exchange" to act on behalf of a person; if the tools are meant for people, connect with an MCP client that opens a browser.',
    );
  }
  if (URL.parse(settings.url)?.protocol !== 'http:')
    malformedUnless(() => parseResourceIdentifier(settings.url, 'url'));
  const { issuer, credential } = settings;
  if (issuer !== undefined) malformedUnless(() => parseIssuerIdentifier(issuer));
  if (credential !== undefined && credential.kind !== 'token' && issuer === undefined) {
    throw new ConsoleProblem(
      422,
      'connection_incomplete',
      'This connection was not saved: fill in the issuer, the authorization server that the credential belongs to. It is sent nowhere else, whatever an MCP server names.',
    );
  }
  malformedUnless(() => toDiagnoseOptions(settings, sources));
}

function malformedUnless(check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (error instanceof ConsoleProblem) {
      throw new ConsoleProblem(error.status, error.code, `This connection was not saved: ${error.message}`);
    }
    if (!(error instanceof TypeError)) throw error;
    throw new ConsoleProblem(422, 'connection_malformed', `This connection was not saved: ${error.message}`);
  }
}
