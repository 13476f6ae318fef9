import { auth0, cognito, entraId, keycloak, okta, pingOne } from '@mcp-m2m/core/client';

// One of these is the option `provider`.
export const profiles = {
  auth0: auth0({ domain: 'example.eu.auth0.com', audience: 'https://mcp.example.com/mcp' }),
  entraId: entraId({
    tenantId: '9188040d-6c67-4c5b-b112-36a304b66dad',
    applicationIdUri: 'api://11111111-2222-3333-4444-555555555555',
  }),
  okta: okta({ domain: 'example.okta.com', authorizationServerId: 'default', scopes: ['deploy:read'] }),
  cognito: cognito({ userPoolId: 'eu-west-1_AbCdEf123', scopes: ['mcp-server/deploy:read'] }),
  keycloak: keycloak({ serverUrl: 'https://sso.example.com', realm: 'machines' }),
  pingOne: pingOne({
    environmentId: '11111111-2222-3333-4444-555555555555',
    region: 'eu',
    scopes: ['deploy:read'],
  }),
};
