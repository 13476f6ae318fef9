/** Sends a form with the credentials of `client_secret_basic`, each half form-encoded as RFC 6749 §2.3.1 says. */
export function postForm(
  url: string,
  parameters: Record<string, string> | [string, string][],
  basic?: [clientId: string, secret: string],
  headers: Record<string, string> = {},
): Promise<Response> {
  const encode = (value: string) => new URLSearchParams({ value }).toString().slice('value='.length);
  const authorization = basic && `Basic ${Buffer.from(basic.map(encode).join(':')).toString('base64')}`;
  return fetch(url, {
    method: 'POST',
    headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
    body: new URLSearchParams(parameters),
  });
}
