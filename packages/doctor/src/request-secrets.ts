/** Parameters of a token request that may be shown. */
const SHOWN: ReadonlySet<string> = new Set([
  'grant_type',
  'client_id',
  'client_assertion_type',
  'resource',
  'audience',
  'scope',
  'requested_token_type',
  'subject_token_type',
  'actor_token_type',
]);

/** Finds the secrets that a request carries: credentials in its headers, and what must not be shown of its form. */
export function secretsOf(headers: Headers, body: RequestInit['body']): readonly string[] {
  const authorization = headers.get('authorization') ?? '';
  const [scheme = '', credentials = ''] = authorization.split(' ', 2);
  const secrets = [credentials];
  if (scheme.toLowerCase() === 'basic') secrets.push(passwordOf(credentials));
  for (const [name, value] of formOf(headers, body) ?? []) if (!SHOWN.has(name)) secrets.push(value);
  // A value as short as "true" is everywhere, and no secret.
  return secrets.filter(({ length }) => length >= 8);
}

/** A form in a line, its secrets by name only. */
export function describeForm(headers: Headers, body: RequestInit['body']): string | undefined {
  const form = formOf(headers, body);
  if (form === undefined) return undefined;
  return [...form].map(([name, value]) => (SHOWN.has(name) ? `${name}=${value}` : `${name}=…`)).join('&');
}

function formOf(headers: Headers, body: RequestInit['body']): URLSearchParams | undefined {
  const type = headers.get('content-type') ?? '';
  if (typeof body !== 'string' || !type.startsWith('application/x-www-form-urlencoded')) return undefined;
  return new URLSearchParams(body);
}

/** RFC 6749 §2.3.1: both halves are form-encoded before they are put together. */
function passwordOf(credentials: string): string {
  const decoded = Buffer.from(credentials, 'base64').toString();
  const encoded = decoded.slice(decoded.indexOf(':') + 1);
  return new URLSearchParams(`password=${encoded}`).get('password') ?? '';
}
