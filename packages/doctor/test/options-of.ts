import { clientSecretBasic, createDpop, privateKeyJwt } from '@mcp-m2m/core/client';
import type { ConnectionSettings } from 'broken-connections';

import type { DiagnoseOptions } from '../src/index.ts';

/** Plain settings as the options of a diagnosis. */
export function optionsOf(settings: ConnectionSettings): DiagnoseOptions {
  const { clientSecret, privateKeyPem, dpop, ...others } = settings;
  const authentication =
    privateKeyPem !== undefined
      ? privateKeyJwt({ key: privateKeyPem, algorithm: 'ES256' })
      : clientSecret === undefined
        ? undefined
        : clientSecretBasic({ clientSecret });
  return {
    ...others,
    authentication,
    ...(dpop === true ? { dpop: createDpop() } : {}),
  };
}
