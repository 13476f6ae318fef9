/** Parameters that have an option of their own, or none on purpose. */
const RESERVED_PARAMETERS: Readonly<Record<string, string>> = {
  grant_type: 'use the option grant',
  assertion: 'use the option grant',
  subject_token: 'use the option grant',
  subject_token_type: 'use the option grant',
  actor_token: 'use the option grant',
  actor_token_type: 'use the option grant',
  resource: 'use the option resource',
  scope: 'use the option scopes',
  client_id: 'use the option clientId',
  client_secret: 'use the option authentication',
  client_assertion: 'use the option authentication',
  client_assertion_type: 'use the option authentication',
};

/**
 * Validates the further parameters of a token request.
 *
 * @throws TypeError naming the parameter and the mend
 */
export function readTokenParameters(value: unknown = {}): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError('tokenParameters must be an object of strings, for example { audience: "…" }.');
  }
  for (const [name, content] of Object.entries(value)) {
    if (Object.hasOwn(RESERVED_PARAMETERS, name)) {
      throw new TypeError(`tokenParameters must not contain "${name}"; ${RESERVED_PARAMETERS[name]}.`);
    }
    if (typeof content !== 'string') throw new TypeError(`tokenParameters: "${name}" must be a string.`);
  }
  return { ...value };
}
