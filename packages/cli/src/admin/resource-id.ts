/** A resource as it stands in paths of the administrative API: its identifier in base64url. */
export function resourceIdOf(resource: string): { readonly resourceId: string } {
  return { resourceId: Buffer.from(resource).toString('base64url') };
}
