// Generated from the OpenAPI document: `pnpm --filter @mcp-m2m/console generate` writes it anew.
export interface paths {
  '/session': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Who is signed in, and how one signs in */
    get: operations['getSession'];
    put?: never;
    /** Sign in by the credential of an administrator; it stays on the server */
    post: operations['signIn'];
    /** Sign out */
    delete: operations['signOut'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/connections': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the saved connections, with what their last tests found */
    get: operations['listConnections'];
    put?: never;
    /** Save a connection, whether it works or not */
    post: operations['addConnection'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/connections/{connectionId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a saved connection */
    get: operations['getConnection'];
    put?: never;
    post?: never;
    /** Delete a saved connection with its credential */
    delete: operations['deleteConnection'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/connections/{connectionId}/test': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Test a saved connection; each step is a line as it ends */
    post: operations['testConnection'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/connection-tests': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Test a connection without saving it; each step is a line as it ends */
    post: operations['testSettings'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    SessionState: {
      issuer: string;
      /** @description Where people can sign in */
      openId?: {
        label: string;
        path: string;
      };
      signedIn?: {
        /** @enum {string} */
        kind: 'administrator' | 'person';
        name: string;
        scopes: string[];
        /** Format: date-time */
        endsAt: string;
      };
    };
    Problem: {
      /** @enum {string} */
      type: 'about:blank';
      /** @example Not Found */
      title: string;
      /** @example 404 */
      status: number;
      /**
       * @description Stable, for programs
       * @example not_found
       */
      code: string;
      /** @description What is wrong and what to do, for people */
      detail: string;
      errors?: {
        path: string;
        message: string;
      }[];
    };
    SignIn: {
      clientId: string;
      clientSecret: string;
    };
    ConnectionList: {
      connections: components['schemas']['Connection'][];
      workloadTokens: string[];
    };
    Connection: {
      id: string;
      label?: string;
      url: string;
      issuer?: string;
      /** @enum {string} */
      grant:
        | 'client_credentials'
        | 'workload'
        | 'token_exchange'
        | 'authorization_code'
        | 'device_code'
        | 'password';
      clientId?: string;
      /**
       * @description The kind of it; what it is does not come out
       * @enum {string}
       */
      credential?: 'secret' | 'private_key' | 'workload_token' | 'assertion' | 'token';
      scopes?: string[];
      dpop: boolean;
      /** Format: date-time */
      createdAt: string;
      createdBy: string;
      /** @description False where the secret key is another than it was saved with */
      readable: boolean;
      health?: components['schemas']['Health'];
    };
    Health: {
      /** @enum {string} */
      outcome: 'healthy' | 'incomplete' | 'broken';
      verdict?: components['schemas']['Finding'];
      /** Format: date-time */
      checkedAt: string;
      /** @description Absent where the test did not come that far */
      tools?: components['schemas']['Tool'][];
    };
    Finding: {
      code: string;
      /** @enum {string} */
      severity: 'failure' | 'warning' | 'note';
      message: string;
      fix: string;
      link: string;
    };
    Tool: {
      name: string;
      description?: string;
    };
    ConnectionSettings: {
      label?: string;
      /**
       * @description The MCP server
       * @example https://mcp.example.com/mcp
       */
      url: string;
      /** @description The authorization server that the credential belongs to; it is sent nowhere else */
      issuer?: string;
      /**
       * @description client_credentials unless given
       * @enum {string}
       */
      grant?:
        | 'client_credentials'
        | 'workload'
        | 'token_exchange'
        | 'authorization_code'
        | 'device_code'
        | 'password';
      clientId?: string;
      credential?: components['schemas']['Credential'];
      /** @description For token_exchange: on whose behalf */
      subjectToken?: string;
      scopes?: string[];
      dpop?: boolean;
      tokenParameters?: {
        [key: string]: string;
      };
    };
    Credential:
      | {
          /** @enum {string} */
          kind: 'secret';
          secret: string;
          /**
           * @description basic unless given
           * @enum {string}
           */
          method?: 'basic' | 'post';
        }
      | {
          /** @enum {string} */
          kind: 'private_key';
          /** @description PKCS #8 in PEM */
          privateKeyPem: string;
          /**
           * @description ES256 unless given
           * @enum {string}
           */
          algorithm?: 'ES256' | 'ES384' | 'EdDSA' | 'RS256' | 'PS256';
          keyId?: string;
        }
      | {
          /** @enum {string} */
          kind: 'workload_token';
          /** @description One of those that GET /connection-options names */
          source: string;
        }
      | {
          /** @enum {string} */
          kind: 'assertion';
          assertion: string;
        }
      | {
          /** @enum {string} */
          kind: 'token';
          token: string;
        };
    TestLine:
      | {
          /** @enum {string} */
          type: 'step';
          step: components['schemas']['Step'];
        }
      | {
          /** @enum {string} */
          type: 'diagnosis';
          /** @enum {string} */
          outcome: 'healthy' | 'incomplete' | 'broken';
          verdict?: components['schemas']['Finding'];
          tools?: {
            name: string;
            description?: string;
          }[];
        }
      | {
          /** @enum {string} */
          type: 'failure';
          message: string;
        };
    Step: {
      name: string;
      title: string;
      /** @enum {string} */
      status: 'passed' | 'warned' | 'failed' | 'skipped';
      sent?: string;
      expected?: string;
      received?: string;
      durationMilliseconds: number;
      findings: components['schemas']['Finding'][];
    };
    ConnectionTest: components['schemas']['ConnectionSettings'] & {
      /** @description A tool to call at the end; what it does, it does */
      tool?: {
        name: string;
        arguments?: {
          [key: string]: unknown;
        };
      };
      /** @description Of each step */
      timeoutMilliseconds?: number;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  getSession: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The session */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SessionState'];
        };
      };
      /** @description A refusal */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  signIn: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SignIn'];
      };
    };
    responses: {
      /** @description The session */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SessionState'];
        };
      };
      /** @description A refusal */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  signOut: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A refusal */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listConnections: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The connections, and the names of the sources of workload tokens */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ConnectionList'];
        };
      };
      /** @description A refusal */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  addConnection: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ConnectionSettings'];
      };
    };
    responses: {
      /** @description The connection */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Connection'];
        };
      };
      /** @description A refusal */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getConnection: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        connectionId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The connection */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Connection'];
        };
      };
      /** @description A refusal */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deleteConnection: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        connectionId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A refusal */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  testConnection: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        connectionId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lines of JSON */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/x-ndjson': components['schemas']['TestLine'];
        };
      };
      /** @description A refusal */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  testSettings: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ConnectionTest'];
      };
    };
    responses: {
      /** @description Lines of JSON */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/x-ndjson': components['schemas']['TestLine'];
        };
      };
      /** @description A refusal */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
}
