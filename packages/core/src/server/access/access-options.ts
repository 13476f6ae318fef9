import type { Caller, CallerKind } from '../caller.ts';

/** What one operation asks of its caller, beside what every request asks. */
export interface AccessRequirement {
  /** All of these are needed. */
  readonly scopes?: readonly string[];
  /** At least one of these is needed. The first is the one a challenge names. */
  readonly anyOf?: readonly string[];
  /**
   * `user`: a person, or somebody acting for a person; never a machine for itself. `machine`: a machine for
   * itself. A list: exactly these kinds. Default: anyone.
   */
  readonly caller?: 'user' | 'machine' | readonly CallerKind[];
  /** Only these clients, by client id. Default: any. */
  readonly clients?: readonly string[];
  /**
   * A function of the call: `true` allows it, `false` refuses it, a requirement asks for more. It must answer
   * at once; when it throws, the call is refused. Completions are judged without arguments.
   */
  readonly rule?: (call: AccessRuleInput) => boolean | AccessRequirement;
}

/** What a rule decides by. */
export interface AccessRuleInput {
  readonly caller: Caller;
  readonly method: string;
  readonly name: string;
  /** The arguments as the client sent them: unchecked. */
  readonly arguments: unknown;
}

/** Scopes that are all needed, or a requirement in full. */
export type Access = readonly string[] | AccessRequirement;

/** What one client may do at all; a list that is left out restricts nothing. */
export interface ClientRestriction {
  readonly tools?: readonly string[];
  /** Resource URIs or URI templates. */
  readonly resources?: readonly string[];
  readonly prompts?: readonly string[];
}

/** Who may do what. */
export interface AccessOptions {
  /** Needed for every request. Default: none. */
  readonly scopes?: readonly string[];
  /** By tool name. */
  readonly tools?: Readonly<Record<string, Access>>;
  /** By resource URI or URI template (`logs://{environment}/latest`; a variable matches within one path segment, `{+path}` across several). */
  readonly resources?: Readonly<Record<string, Access>>;
  /** By prompt name. */
  readonly prompts?: Readonly<Record<string, Access>>;
  /** By JSON-RPC method, in addition to what the tool, resource or prompt asks for. */
  readonly methods?: Readonly<Record<string, Access>>;
  /** By client id. */
  readonly clients?: Readonly<Record<string, ClientRestriction>>;
  /** `refuse` closes the list of tools: what is not in `tools` is refused. Default `allow`: the base scopes do. */
  readonly unlistedTools?: 'allow' | 'refuse';
  readonly unlistedResources?: 'allow' | 'refuse';
  readonly unlistedPrompts?: 'allow' | 'refuse';
  /** Scopes that a scope includes, followed through: `{ 'deploy:admin': ['deploy:write', 'deploy:read'] }`. */
  readonly scopeHierarchy?: Readonly<Record<string, readonly string[]>>;
}
