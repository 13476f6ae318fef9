/** Who a token's subject is. */
export type SubjectKind = 'machine' | 'user';

/** Claims or header parameters of a token, whatever they hold. */
export type TokenMembers = Readonly<Record<string, unknown>>;

/** What a profile reads from the claims of a verified token. */
export interface ProfiledClaims {
  readonly clientId: string;
  /** The subject; the client itself where the provider names none. */
  readonly subject: string;
  /** Everything that the policy may take for a scope. */
  readonly scopes: readonly string[];
  /** Roles that are not scopes, for the application to use. */
  readonly roles: readonly string[];
  readonly kind: SubjectKind;
  /** The claim that decided {@link kind}, in words. */
  readonly evidence: string;
}

/**
 * How one kind of authorization server shapes its access tokens: data and small functions, no state.
 *
 * A profile never sees a token whose issuer is not the one it is configured for. `checkType` sees unverified
 * members; `readClaims` sees verified ones. Both must answer at once, and refuse a token by throwing.
 * Where it cannot tell, a profile says `machine`: a person has to be shown, a machine does not.
 */
export interface TokenProfile {
  readonly name: string;
  /** Refuses what is not an access token of this kind, ID tokens above all. */
  readonly checkType: (header: TokenMembers, claims: TokenMembers) => void;
  /** Claims without which a token is refused, beside `iss`, `exp` and the audience. */
  readonly requiredClaims: readonly string[];
  readonly readClaims: (claims: TokenMembers) => ProfiledClaims;
}
