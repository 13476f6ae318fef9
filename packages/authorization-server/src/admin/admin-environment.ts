import type { HttpBindings } from '@hono/node-server';
import type { Caller } from '@mcp-m2m/core/server';
import type { Context } from 'hono';

import type { Administrator } from '../administrator.ts';

/** What handlers of the administrative API find in their context. */
export interface AdminEnvironment {
  readonly Bindings: HttpBindings;
  readonly Variables: {
    readonly caller: Caller;
    /** The caller, as domain functions are told of it. */
    readonly administrator: Administrator;
  };
}

export type AdminContext = Context<AdminEnvironment>;
