import { expect, it } from 'vitest';
import * as core from '../src/index.ts';

it('the root exports exactly these names', () => {
  expect(Object.keys(core).toSorted()).toEqual([
    'DocumentError',
    'OAUTH_CLIENT_CREDENTIALS_EXTENSION',
    'assertKnownOptions',
    'authorizationServerMetadataUrls',
    'clientCredentialsCapabilities',
    'fetchAuthorizationServerMetadata',
    'formatChallenge',
    'isLoopbackHostname',
    'parseChallenges',
    'parseIssuerIdentifier',
    'parseResourceIdentifier',
    'parseScope',
    'parseSecureUrl',
    'printable',
    'protectedResourceMetadataUrl',
    'sanitizeText',
    'validateAuthorizationServerMetadata',
  ]);
});

it('the capabilities announce the client-credentials extension without settings', () => {
  expect(core.clientCredentialsCapabilities()).toEqual({
    extensions: { 'io.modelcontextprotocol/oauth-client-credentials': {} },
  });
});
