import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

import type { Session } from '../sign-in/sessions.ts';

/** What handlers of the API find in their context. */
export interface ApiEnvironment {
  readonly Bindings: HttpBindings;
  readonly Variables: {
    /** Of the request; undefined where nobody is signed in. */
    readonly session: Session | undefined;
  };
}

export type ApiContext = Context<ApiEnvironment>;
