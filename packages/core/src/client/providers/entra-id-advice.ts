import type { ProviderAdvice } from './known-provider.ts';

/** Advice by the code that an `error_description` of Entra ID begins with. */
function onCode(codes: readonly number[], advice: string, withoutProfile?: string): ProviderAdvice {
  const pattern = new RegExp(`\\bAADSTS(${codes.join('|')})\\b`);
  return withoutProfile === undefined ? { pattern, advice } : { pattern, advice, withoutProfile };
}

const USE_PROFILE = 'use provider: entraId({ tenantId, applicationIdUri })';

/**
 * What a machine meets at the token endpoint of Entra ID.
 *
 * @see {@link https://learn.microsoft.com/entra/identity-platform/reference-error-codes | Entra ID, error codes}
 */
export const ENTRA_ID_ADVICE: readonly ProviderAdvice[] = [
  onCode(
    [9010010],
    "Make applicationIdUri the Application ID URI of the MCP server's app registration (Expose an API), and leave resource out of tokenParameters: what scope and resource name must be one application.",
    `Entra ID refuses a resource that is not the application of the scope: ${USE_PROFILE}, which leaves resource out and asks for the scope <application id URI>/.default.`,
  ),
  onCode(
    [1002012, 70011, 700022, 900144],
    "Make applicationIdUri the Application ID URI of the MCP server's app registration: a machine asks for the one scope <application id URI>/.default.",
    `A machine asks Entra ID for the one scope <application id URI>/.default, and for no other: ${USE_PROFILE}.`,
  ),
  onCode(
    [500011, 650057, 65001],
    "Check applicationIdUri against the MCP server's app registration, and have an administrator of the tenant consent to that application there: the tenant does not have it, or has not granted it to this client.",
  ),
  onCode(
    [7000215],
    "Use the client secret's value, not its id; it is shown once, when it is made. If it is lost, make a new one in the client's app registration.",
  ),
  onCode(
    [7000222],
    "Make a new client secret in the client's app registration and use that: the present one has expired.",
  ),
  onCode(
    [7000216, 7000218],
    'Authenticate with clientSecretPost(…), clientSecretBasic(…) or privateKeyJwt(…): Entra ID found no proof of the client in the request.',
  ),
  onCode(
    [700016, 7000229],
    'Check that clientId is the Application (client) ID and tenantId its tenant, and have an administrator of that tenant consent to the application: the tenant does not know it.',
  ),
  onCode(
    [7000112],
    "Have an administrator enable the client's enterprise application in the tenant: it is disabled.",
  ),
  onCode(
    [90002, 900021, 900023, 900382],
    'Check tenantId, and the cloud it lives in (public, US government, China): Entra ID knows no such tenant here.',
  ),
  onCode(
    [700024],
    'Synchronise the clock here with a time server: Entra ID found the assertion outside the time that it is valid for.',
  ),
  onCode(
    [700027, 7000214, 7000274, 1000502],
    "Upload the certificate of this key to the client's app registration and give privateKeyJwt its certificateThumbprint: Entra ID knows keys by their certificate, and found none that is valid and fits the signature.",
  ),
  onCode(
    [700023],
    'Let the assertion be for the token endpoint of the tenant, https://login.microsoftonline.com/<tenant id>/oauth2/v2.0/token in the public cloud.',
    `Entra ID wants an assertion for its token endpoint: ${USE_PROFILE}.`,
  ),
  onCode([700021], 'Check clientId: the assertion is of another client than the request.'),
  onCode(
    [5002741, 50027, 5002738],
    'Sign assertions with RS256 or PS256, with the certificateThumbprint and type "JWT", for one audience: Entra ID cannot read the present one.',
  ),
  onCode(
    [70021, 700211, 700212, 700213, 7002138],
    "Compare issuer, subject and audience of the workload's token with the federated credential in the client's app registration: they must be the same, letter case included.",
  ),
  onCode(
    [501051, 50105],
    "Give this client an app role of the MCP server's application, or have that application no longer require assignment: the client is not assigned to it.",
  ),
  onCode(
    [53003],
    'Have an administrator look at the conditional access policies for workload identities: one of them blocks this client, perhaps by where it is.',
  ),
];
