import type { ConnectionSettings } from 'broken-connections';

/** Plain settings as the console's form sends them. */
export function connectionBody(settings: ConnectionSettings): object {
  const { clientSecret, privateKeyPem, token, grantType, ...others } = settings;
  const credential =
    token !== undefined
      ? { kind: 'token', token }
      : privateKeyPem !== undefined
        ? { kind: 'private_key', privateKeyPem }
        : clientSecret !== undefined
          ? { kind: 'secret', secret: clientSecret }
          : undefined;
  return { ...others, grant: grantType, credential };
}
