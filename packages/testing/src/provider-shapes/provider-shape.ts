import type { TokenClaims } from '../access-token.ts';

/** What a provider's token is about. */
export interface ProviderTokenRequest {
  readonly issuer: string;
  /** The API, as the provider knows it. */
  readonly audience: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly subjectKind: 'machine' | 'user';
  /** An ID token is always a user's, except for Google's. */
  readonly tokenKind: 'access' | 'id-token';
  readonly issuedAtSeconds: number;
  readonly expiresAtSeconds: number;
}

/** A token as a provider would mint it, before it is signed. */
export interface ProviderToken {
  /** `typ` of the header; `null` where the provider sends none. */
  readonly typ: string | null;
  readonly claims: TokenClaims;
}

/** Lays a token's claims out the way one identity provider does. */
export type ProviderShape = (request: ProviderTokenRequest) => ProviderToken;

/** The person that every user token and ID token is about. */
export const TEST_PERSON = {
  name: 'Test Person',
  email: 'person@example.com',
  objectId: '7d1c8a52-3f0e-4a7b-9b5e-0c2f6d4e8a11',
} as const;
