/** The audience by which Entra ID of each cloud knows a token of somebody else that is meant for it. */
const EXCHANGE_AUDIENCES: ReadonlyMap<string, string> = new Map([
  ['login.microsoftonline.com', 'api://AzureADTokenExchange'],
  ['sts.windows.net', 'api://AzureADTokenExchange'],
  ['login.microsoftonline.us', 'api://AzureADTokenExchangeUSGov'],
  ['login.partner.microsoftonline.cn', 'api://AzureADTokenExchangeChina'],
]);

/**
 * The audience of an assertion for an authorization server as Azure makes it: Entra ID has one of its own, any
 * other server is named by its issuer.
 *
 * A token for Entra ID's is never right for anybody else, who could sign in to Azure with it.
 *
 * @see {@link https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust | Entra ID, workload identity federation}
 */
export function entraAudience(issuer: string): string {
  return EXCHANGE_AUDIENCES.get(URL.parse(issuer)?.hostname ?? '') ?? issuer;
}
