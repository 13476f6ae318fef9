import type { SignerName } from './published-keys.ts';

/** A member of the header or the claims: set, replaced or (without text) removed. `json` is written as it is. */
export interface SetMember {
  readonly at: 'header' | 'claims';
  readonly set: string;
  readonly json: string | undefined;
}

/** A member that is there a second time. */
export interface RepeatMember {
  readonly at: 'header' | 'claims';
  readonly repeat: string;
  readonly json: string;
  readonly first: boolean;
}

/** The text of a part, written in another way. */
export interface RewriteText {
  readonly at: 'header' | 'claims';
  readonly text:
    | 'spaced'
    | 'escaped'
    | 'byte-order-mark'
    | 'bad-utf8'
    | 'array'
    | 'null'
    | 'junk-behind'
    | 'second-object'
    | 'trailing-comma'
    | 'comment'
    | 'long';
}

/** Another spelling of an encoded part; of the header and the claims before or after it is signed. */
export interface RespellPart {
  readonly at: 'part';
  readonly part: 0 | 1 | 2;
  readonly spelling:
    'padding' | 'other-alphabet' | 'unused-bits' | ' ' | '\t' | '\n' | '\u00a0' | '!' | 'empty';
  readonly signed: boolean;
}

/** Another form of the signature. */
export interface ReformSignature {
  readonly at: 'signature';
  readonly form:
    | 'der'
    | 'truncated'
    | 'extended'
    | 'zero'
    | 'r-zero'
    | 's-zero'
    | 'r-is-order'
    | 's-is-order'
    | 's-plus-order'
    | 's-negated'
    | 'bit-flipped'
    | 'of-other-input';
}

/** Another algorithm named, and how the signature is then made. */
export interface NameAlgorithm {
  readonly at: 'algorithm';
  readonly name: string;
  readonly sign: 'as-named' | 'as-before' | 'hmac-with-public-key' | 'hmac-with-nothing' | 'not-at-all';
}

/** Another serialization of the whole. */
export interface ReshapeToken {
  readonly at: 'token';
  readonly shape:
    'two-parts' | 'four-parts' | 'five-parts' | 'trailing-dot' | 'json' | 'flattened' | 'detached' | 'nested';
}

/** One character of the finished token replaced. */
export interface ReplaceCharacter {
  readonly at: 'character';
  readonly position: number;
  readonly character: string;
}

/** One departure from a valid token. */
export type Mutation =
  | SetMember
  | RepeatMember
  | RewriteText
  | RespellPart
  | ReformSignature
  | NameAlgorithm
  | ReshapeToken
  | ReplaceCharacter;

/** A token as plain data, so that a failing one can be read and built again. */
export interface TokenSpec {
  readonly signer: SignerName;
  readonly mutations: readonly Mutation[];
}
