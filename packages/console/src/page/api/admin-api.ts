// Generated from the OpenAPI document: `pnpm --filter @mcp-m2m/console generate` writes it anew.
export interface paths {
  '/admin/v1/clients': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List clients, in the order of their ids */
    get: operations['listClients'];
    put?: never;
    /** Register a client */
    post: operations['createClient'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/clients/{clientId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a client */
    get: operations['getClient'];
    put?: never;
    post?: never;
    /** Delete a client with its secrets and keys; what it holds is revoked */
    delete: operations['deleteClient'];
    options?: never;
    head?: never;
    /** Change a client */
    patch: operations['updateClient'];
    trace?: never;
  };
  '/admin/v1/clients/{clientId}/disable': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Stop a client: it gets no tokens, and what it holds is revoked */
    post: operations['disableClient'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/clients/{clientId}/enable': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Let a client get tokens again */
    post: operations['enableClient'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/clients/{clientId}/secrets': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the secrets of a client, by hint and state */
    get: operations['listSecrets'];
    put?: never;
    /** Add a secret; the others stay valid */
    post: operations['createSecret'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/clients/{clientId}/secrets/{secretId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Delete a secret */
    delete: operations['deleteSecret'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/clients/{clientId}/rotation': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** See whether the old secret is still in use, and what to do */
    get: operations['getRotation'];
    put?: never;
    /** Start: a new secret, and a date on which the old one ends; both are valid until then */
    post: operations['startRotation'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/clients/{clientId}/rotation/finish': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Finish: the old secrets are removed now */
    post: operations['finishRotation'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/clients/{clientId}/rotation/cancel': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Cancel: the new secret is removed, the old ones are as they were */
    post: operations['cancelRotation'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/clients/{clientId}/keys': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the registered public keys of a client */
    get: operations['listClientKeys'];
    put?: never;
    /** Register a public key; the others stay valid */
    post: operations['addClientKey'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/clients/{clientId}/keys/{keyId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Remove a key */
    delete: operations['removeClientKey'];
    options?: never;
    head?: never;
    /** Set when a key ends */
    patch: operations['updateClientKey'];
    trace?: never;
  };
  '/admin/v1/resources': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the MCP servers, configured and registered */
    get: operations['listResources'];
    put?: never;
    /** Register an MCP server */
    post: operations['createResource'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/resources/{resourceId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a resource */
    get: operations['getResource'];
    put?: never;
    post?: never;
    /** Delete a registered resource */
    delete: operations['deleteResource'];
    options?: never;
    head?: never;
    /** Change a registered resource: label, scopes, tools */
    patch: operations['updateResource'];
    trace?: never;
  };
  '/admin/v1/trust/issuers': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List trusted issuers */
    get: operations['listTrustedIssuers'];
    put?: never;
    /** Trust an issuer */
    post: operations['createTrustedIssuer'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/trust/issuers/{issuerId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a trusted issuer */
    get: operations['getTrustedIssuer'];
    put?: never;
    post?: never;
    /** Trust an issuer no longer; its rules are deleted as well */
    delete: operations['deleteTrustedIssuer'];
    options?: never;
    head?: never;
    /** Change a trusted issuer */
    patch: operations['updateTrustedIssuer'];
    trace?: never;
  };
  '/admin/v1/trust/rules': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the rules by which tokens of trusted issuers stand for clients */
    get: operations['listTrustRules'];
    put?: never;
    /** Create a rule */
    post: operations['createTrustRule'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/trust/rules/{ruleId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a rule */
    get: operations['getTrustRule'];
    put?: never;
    post?: never;
    /** Delete a rule */
    delete: operations['deleteTrustRule'];
    options?: never;
    head?: never;
    /** Change a rule */
    patch: operations['updateTrustRule'];
    trace?: never;
  };
  '/admin/v1/trust/templates': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List templates for issuers that people have */
    get: operations['listTrustTemplates'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/trust/templates/{name}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** See what issuer and conditions a template stands for; changes nothing */
    post: operations['fillTrustTemplate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/trust/dry-run': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Say step by step whether a pasted token would be accepted; issues nothing */
    post: operations['dryRunTrust'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/server': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Who is this server, and who am I to it */
    get: operations['getServer'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/signing-keys': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the published signing keys: next, current and previous */
    get: operations['listSigningKeys'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/signing-keys/rotate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Have the next key sign as soon as every copy of the key set has it */
    post: operations['rotateSigningKey'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/signing-keys/{keyId}/retire': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Take a key out of use that must not be trusted any more */
    post: operations['retireSigningKey'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/tokens/revoke': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Revoke one token before it expires */
    post: operations['revokeToken'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/tokens/status-list-fetches': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** See which resource servers have fetched the newest revocations */
    get: operations['listStatusListFetches'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/audit': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read the audit trail */
    get: operations['listAudit'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/audit/export': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Export the audit trail, oldest first */
    get: operations['exportAudit'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/v1/usage': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Tokens issued and refused per client, resource and hour */
    get: operations['listUsage'];
    put?: never;
    post?: never;
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
    ClientPage: {
      clients: components['schemas']['Client'][];
      /** @description Gets the next page; absent on the last one */
      nextAfter?: string;
    };
    Client: {
      clientId: string;
      label?: string;
      owner?: string;
      description?: string;
      /** @enum {string} */
      state: 'enabled' | 'disabled';
      authentication:
        | {
            /** @enum {string} */
            method: 'secret';
            secrets: components['schemas']['ClientSecret'][];
          }
        | {
            /** @enum {string} */
            method: 'private_key_jwt';
            keys: components['schemas']['ClientKey'][];
          }
        | {
            /** @enum {string} */
            method: 'workload';
          };
      jwksUri?: string;
      /** @enum {string} */
      assertionAudience?: 'token-endpoint';
      grantTypes: string[];
      access: components['schemas']['ClientAccess'][];
      defaultResource?: string;
      tokenLifetimeSeconds?: number;
      /** @enum {string} */
      senderConstraint?: 'dpop' | 'mtls';
      addresses?: string[];
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      expiresAt?: string;
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      updatedAt: string;
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      lastUsedAt?: string;
      /**
       * @description Changes with every change; also the ETag of the answer
       * @example 6b1f0c1e
       */
      revision: string;
    };
    ClientSecret: {
      id: string;
      /**
       * @description The beginning of the secret
       * @example mcpm2m_Ab12…
       */
      hint: string;
      /** @enum {string} */
      state: 'active' | 'retiring' | 'expired';
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      expiresAt?: string;
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      lastUsedAt?: string;
    };
    ClientKey: {
      id: string;
      publicKey: {
        kty: string;
      } & {
        [key: string]: unknown;
      };
      /** @enum {string} */
      state: 'active' | 'expired';
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      expiresAt?: string;
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      lastUsedAt?: string;
    };
    ClientAccess: {
      /**
       * @description Identifier of an MCP server
       * @example https://mcp.example.com/mcp
       */
      resource: string;
      /**
       * @description The most it can get there
       * @example [
       *       "deploy:read"
       *     ]
       */
      scopes: string[];
      /** @description What it gets when it asks for none; all of its scopes when absent */
      defaultScopes?: string[];
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
        /**
         * @description The member, as in access.0.scopes
         * @example access.0.scopes
         */
        path: string;
        message: string;
      }[];
    };
    CreatedClient: components['schemas']['Client'] & {
      /** @description For clients with a secret: shown this once, it cannot be read again */
      secret?: string;
    };
    CreateClient: {
      /**
       * @description Made up when absent
       * @example nightly-report
       */
      clientId?: string;
      authentication:
        | {
            /** @enum {string} */
            method: 'secret';
            /**
             * Format: date-time
             * @example 2027-01-31T12:00:00.000Z
             */
            expiresAt?: string;
          }
        | {
            /** @enum {string} */
            method: 'private_key_jwt';
            /** @description A public key; a private one is refused */
            publicKey?:
              | string
              | ({
                  kty: string;
                } & {
                  [key: string]: unknown;
                });
          }
        | {
            /** @enum {string} */
            method: 'workload';
          };
      access: components['schemas']['ClientAccess'][];
      /** @description For people */
      label?: string | null;
      /** @description Who answers for the client */
      owner?: string | null;
      description?: string | null;
      /**
       * @description Identifier of an MCP server
       * @example https://mcp.example.com/mcp
       */
      defaultResource?: string | null;
      grantTypes?: string[];
      tokenLifetimeSeconds?: number | null;
      /** @enum {string|null} */
      senderConstraint?: 'dpop' | 'mtls' | null;
      addresses?: string[] | null;
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      expiresAt?: string | null;
      jwksUri?: string | null;
      /** @enum {string|null} */
      assertionAudience?: 'token-endpoint' | null;
    };
    /** @description What is left out stays; null takes a setting away */
    UpdateClient: {
      access?: components['schemas']['ClientAccess'][];
      /** @description For people */
      label?: string | null;
      /** @description Who answers for the client */
      owner?: string | null;
      description?: string | null;
      /**
       * @description Identifier of an MCP server
       * @example https://mcp.example.com/mcp
       */
      defaultResource?: string | null;
      grantTypes?: string[];
      tokenLifetimeSeconds?: number | null;
      /** @enum {string|null} */
      senderConstraint?: 'dpop' | 'mtls' | null;
      addresses?: string[] | null;
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      expiresAt?: string | null;
      jwksUri?: string | null;
      /** @enum {string|null} */
      assertionAudience?: 'token-endpoint' | null;
    };
    SecretList: {
      secrets: components['schemas']['ClientSecret'][];
    };
    CreatedSecret: components['schemas']['ClientSecret'] & {
      /** @description Shown this once; it cannot be read again */
      secret: string;
    };
    CreateSecret: {
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      expiresAt?: string;
    };
    RotationReadiness: {
      /** @enum {string} */
      verdict: 'new_unused' | 'old_in_use' | 'ready' | 'ended';
      /** @description What was found and what to do, for people */
      advice: string;
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      startedAt: string;
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      endsAt: string;
      newSecret: components['schemas']['ClientSecret'];
      oldSecrets: components['schemas']['ClientSecret'][];
      oldUsedSinceStart: boolean;
    };
    StartRotation: {
      /**
       * Format: date-time
       * @description When the old secret ends at the latest
       * @example 2027-01-31T12:00:00.000Z
       */
      endsAt: string;
      /**
       * Format: date-time
       * @description When the new secret ends; never when absent
       * @example 2027-01-31T12:00:00.000Z
       */
      expiresAt?: string;
    };
    ClientKeyList: {
      keys: components['schemas']['ClientKey'][];
    };
    AddKey: {
      /** @description A public key; a private one is refused */
      publicKey:
        | string
        | ({
            kty: string;
          } & {
            [key: string]: unknown;
          });
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      expiresAt?: string;
    };
    UpdateKey: {
      /**
       * Format: date-time
       * @description null: never
       * @example 2027-01-31T12:00:00.000Z
       */
      expiresAt: string | null;
    };
    ResourcePage: {
      resources: components['schemas']['Resource'][];
      /** @description Gets the next page; absent on the last one */
      nextAfter?: string;
    };
    Resource: {
      /** @description The identifier in base64url, for paths */
      id: string;
      /**
       * @description Identifier of an MCP server
       * @example https://mcp.example.com/mcp
       */
      resource: string;
      /** @enum {string} */
      source: 'configuration' | 'administrator';
      label?: string;
      scopes: string[];
      tools?: components['schemas']['ResourceTool'][];
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      createdAt?: string;
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      updatedAt?: string;
      /**
       * @description Changes with every change; also the ETag of the answer
       * @example 6b1f0c1e
       */
      revision?: string;
    };
    ResourceTool: {
      name: string;
      description?: string;
      /** @description What a caller needs for this tool */
      scopes: string[];
    };
    CreateResource: {
      /**
       * @description Identifier of an MCP server
       * @example https://mcp.example.com/mcp
       */
      resource: string;
      label?: string | null;
      scopes: string[];
      tools?: components['schemas']['ResourceTool'][] | null;
    };
    /** @description What is left out stays; null takes a setting away */
    UpdateResource: {
      label?: string | null;
      scopes?: string[];
      tools?: components['schemas']['ResourceTool'][] | null;
    };
    TrustedIssuerList: {
      issuers: components['schemas']['TrustedIssuer'][];
    };
    TrustedIssuer: {
      id: string;
      issuer: string;
      /** @enum {string} */
      kind: 'workload' | 'id-jag';
      label?: string;
      jwksUri?: string;
      jwks?: {
        keys: ({
          kty: string;
        } & {
          [key: string]: unknown;
        })[];
      } & {
        [key: string]: unknown;
      };
      singleUse: boolean;
      /**
       * @description Changes with every change; also the ETag of the answer
       * @example 6b1f0c1e
       */
      revision: string;
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      updatedAt: string;
    };
    CreateTrustedIssuer: {
      issuer: string;
      /** @enum {string} */
      kind: 'workload' | 'id-jag';
      label?: string | null;
      /** @description Where its keys are; discovered when absent */
      jwksUri?: string | null;
      /** @description Its keys, where it publishes none */
      jwks?:
        | ({
            keys: ({
              kty: string;
            } & {
              [key: string]: unknown;
            })[];
          } & {
            [key: string]: unknown;
          })
        | null;
      /** @description Whether each of its tokens can be used once */
      singleUse?: boolean;
    };
    UpdateTrustedIssuer: {
      label?: string | null;
      /** @description Where its keys are; discovered when absent */
      jwksUri?: string | null;
      /** @description Its keys, where it publishes none */
      jwks?:
        | ({
            keys: ({
              kty: string;
            } & {
              [key: string]: unknown;
            })[];
          } & {
            [key: string]: unknown;
          })
        | null;
      /** @description Whether each of its tokens can be used once */
      singleUse?: boolean;
    };
    TrustRuleList: {
      rules: components['schemas']['TrustRule'][];
    };
    TrustRule: {
      id: string;
      issuerId: string;
      clientId: string;
      label?: string;
      audience?: string;
      conditions: components['schemas']['TrustCondition'][];
      /**
       * @description Changes with every change; also the ETag of the answer
       * @example 6b1f0c1e
       */
      revision: string;
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      updatedAt: string;
    };
    TrustCondition:
      | {
          /** @description A claim, or the way to one within claims */
          claim: string | string[];
          equals: string | number | boolean;
        }
      | {
          /** @description A claim, or the way to one within claims */
          claim: string | string[];
          oneOf: string[];
        }
      | {
          /** @description A claim, or the way to one within claims */
          claim: string | string[];
          /** @description * stands for one part, and does not cross separators */
          matches: string;
        };
    CreateTrustRule: {
      issuerId: string;
      clientId: string;
      label?: string;
      audience?: string;
      conditions: components['schemas']['TrustCondition'][];
    };
    UpdateTrustRule: {
      label?: string | null;
      audience?: string | null;
      conditions?: components['schemas']['TrustCondition'][];
    };
    TrustTemplateList: {
      templates: components['schemas']['TrustTemplate'][];
    };
    TrustTemplate: {
      name: string;
      label: string;
      documentation: string;
      parameters: {
        name: string;
        description: string;
        example: string;
        required: boolean;
      }[];
    };
    FilledTemplate: {
      issuer: string;
      audience?: string;
      conditions: components['schemas']['TrustCondition'][];
    };
    FillTemplate: {
      values: {
        [key: string]: string;
      };
    };
    DryRunResult: {
      accepted: boolean;
      summary: string;
      reason?: string;
      issuer?: {
        id: string;
        issuer: string;
        /** @enum {string} */
        kind: 'workload' | 'id-jag';
      };
      clientIds: string[];
      steps: {
        step: string;
        /** @enum {string} */
        outcome: 'passed' | 'failed' | 'not reached';
        expected?: string;
        received?: string;
      }[];
      rules: {
        ruleId: string;
        label?: string;
        clientId: string;
        fulfilled: boolean;
        unmet: {
          claim: string;
          expected: string;
          received: string;
        }[];
      }[];
    };
    DryRun: {
      /** @description Neither kept nor logged */
      token: string;
    };
    ServerDescription: {
      issuer: string;
      tokenEndpoint: string;
      caller: {
        clientId: string;
        subject: string;
        scopes: string[];
      };
    };
    SigningKeyList: {
      keys: components['schemas']['SigningKey'][];
    };
    SigningKey: {
      keyId: string;
      algorithm: string;
      /** @enum {string} */
      state: 'next' | 'current' | 'previous';
      /** @enum {string} */
      heldBy: 'database' | 'external_signer';
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      activeFrom: string;
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      retiresAt?: string;
    };
    RotateSigningKey: {
      /** @enum {string} */
      algorithm?: 'ES256' | 'EdDSA' | 'RS256';
    };
    RetiredSigningKey: {
      keyId: string;
      currentKeyId: string;
      meaning: string;
    };
    RevokedToken: {
      tokenId: string;
      clientId: string;
    };
    /** @description The token by its jti, or itself */
    RevokeToken:
      | {
          tokenId: string;
        }
      | {
          token: string;
        };
    StatusListFetchList: {
      fetches: components['schemas']['StatusListFetch'][];
    };
    StatusListFetch: {
      clientId: string;
      listId: number;
      version: number;
      upToDate: boolean;
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      fetchedAt: string;
    };
    AuditPage: {
      entries: components['schemas']['AuditEntry'][];
      /** @description Gets the next page; absent on the last one */
      nextCursor?: string;
    };
    AuditEntry: {
      id: string;
      /**
       * Format: date-time
       * @example 2027-01-31T12:00:00.000Z
       */
      at: string;
      type: string;
      actor?: string;
      clientId?: string;
      resource?: string;
      address?: string;
      reason?: string;
      detail: {
        [key: string]: unknown;
      };
    };
    UsagePage: {
      hours: {
        /**
         * Format: date-time
         * @example 2027-01-31T12:00:00.000Z
         */
        hour: string;
        clientId?: string;
        resource?: string;
        issued: number;
        refused: number;
      }[];
      /** @description Gets the next page; absent on the last one */
      nextCursor?: string;
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
  listClients: {
    parameters: {
      query?: {
        /** @description Most entries of a page; 100 unless given */
        limit?: number;
        /** @description nextAfter of the page before */
        after?: string;
        state?: 'enabled' | 'disabled';
        method?: 'secret' | 'private_key_jwt' | 'workload';
        /** @description Identifier of an MCP server */
        resource?: string;
        owner?: string;
        /** @description Part of the id, label, owner or description */
        search?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of clients */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ClientPage'];
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
  createClient: {
    parameters: {
      query?: never;
      header?: {
        /** @description A new random value for each act: a repetition within a day with the same value gets the same answer, and nothing is done twice */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateClient'];
      };
    };
    responses: {
      /** @description The client, with its secret this once */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedClient'];
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
  getClient: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        clientId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The client */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Client'];
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
  deleteClient: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag that was read: refused with 412 when it has changed since */
        'if-match'?: string;
      };
      path: {
        clientId: string;
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
  updateClient: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag that was read: refused with 412 when it has changed since */
        'if-match'?: string;
      };
      path: {
        clientId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['UpdateClient'];
      };
    };
    responses: {
      /** @description The client as it is now */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Client'];
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
  disableClient: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag that was read: refused with 412 when it has changed since */
        'if-match'?: string;
        /** @description A new random value for each act: a repetition within a day with the same value gets the same answer, and nothing is done twice */
        'idempotency-key'?: string;
      };
      path: {
        clientId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The client as it is now */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Client'];
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
  enableClient: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag that was read: refused with 412 when it has changed since */
        'if-match'?: string;
        /** @description A new random value for each act: a repetition within a day with the same value gets the same answer, and nothing is done twice */
        'idempotency-key'?: string;
      };
      path: {
        clientId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The client as it is now */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Client'];
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
  listSecrets: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        clientId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The secrets */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SecretList'];
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
  createSecret: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag that was read: refused with 412 when it has changed since */
        'if-match'?: string;
        /** @description A new random value for each act: a repetition within a day with the same value gets the same answer, and nothing is done twice */
        'idempotency-key'?: string;
      };
      path: {
        clientId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateSecret'];
      };
    };
    responses: {
      /** @description The secret, this once */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedSecret'];
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
  deleteSecret: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag that was read: refused with 412 when it has changed since */
        'if-match'?: string;
      };
      path: {
        clientId: string;
        secretId: string;
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
  getRotation: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        clientId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description How far the rotation has come */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RotationReadiness'];
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
  startRotation: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag that was read: refused with 412 when it has changed since */
        'if-match'?: string;
        /** @description A new random value for each act: a repetition within a day with the same value gets the same answer, and nothing is done twice */
        'idempotency-key'?: string;
      };
      path: {
        clientId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['StartRotation'];
      };
    };
    responses: {
      /** @description The new secret, this once */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedSecret'];
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
  finishRotation: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag that was read: refused with 412 when it has changed since */
        'if-match'?: string;
        /** @description A new random value for each act: a repetition within a day with the same value gets the same answer, and nothing is done twice */
        'idempotency-key'?: string;
      };
      path: {
        clientId: string;
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
  cancelRotation: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag that was read: refused with 412 when it has changed since */
        'if-match'?: string;
        /** @description A new random value for each act: a repetition within a day with the same value gets the same answer, and nothing is done twice */
        'idempotency-key'?: string;
      };
      path: {
        clientId: string;
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
  listClientKeys: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        clientId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The keys */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ClientKeyList'];
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
  addClientKey: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag that was read: refused with 412 when it has changed since */
        'if-match'?: string;
        /** @description A new random value for each act: a repetition within a day with the same value gets the same answer, and nothing is done twice */
        'idempotency-key'?: string;
      };
      path: {
        clientId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['AddKey'];
      };
    };
    responses: {
      /** @description The key */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ClientKey'];
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
  removeClientKey: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag that was read: refused with 412 when it has changed since */
        'if-match'?: string;
      };
      path: {
        clientId: string;
        keyId: string;
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
  updateClientKey: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag that was read: refused with 412 when it has changed since */
        'if-match'?: string;
      };
      path: {
        clientId: string;
        keyId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['UpdateKey'];
      };
    };
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
  listResources: {
    parameters: {
      query?: {
        /** @description Most entries of a page; 100 unless given */
        limit?: number;
        after?: string;
        source?: 'configuration' | 'administrator';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of resources */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ResourcePage'];
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
  createResource: {
    parameters: {
      query?: never;
      header?: {
        /** @description A new random value for each act: a repetition within a day with the same value gets the same answer, and nothing is done twice */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateResource'];
      };
    };
    responses: {
      /** @description The resource */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Resource'];
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
  getResource: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        resourceId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The resource */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Resource'];
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
  deleteResource: {
    parameters: {
      query?: {
        /** @description Whether to take it from the clients that may use it; refused while there are some otherwise */
        removeAccess?: 'true' | 'false';
      };
      header?: {
        /** @description The ETag that was read: refused with 412 when it has changed since */
        'if-match'?: string;
      };
      path: {
        resourceId: string;
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
  updateResource: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag that was read: refused with 412 when it has changed since */
        'if-match'?: string;
      };
      path: {
        resourceId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['UpdateResource'];
      };
    };
    responses: {
      /** @description The resource as it is now */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Resource'];
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
  listTrustedIssuers: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The issuers */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TrustedIssuerList'];
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
  createTrustedIssuer: {
    parameters: {
      query?: never;
      header?: {
        /** @description A new random value for each act: a repetition within a day with the same value gets the same answer, and nothing is done twice */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateTrustedIssuer'];
      };
    };
    responses: {
      /** @description The issuer */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TrustedIssuer'];
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
  getTrustedIssuer: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        issuerId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The issuer */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TrustedIssuer'];
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
  deleteTrustedIssuer: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag that was read: refused with 412 when it has changed since */
        'if-match'?: string;
      };
      path: {
        issuerId: string;
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
  updateTrustedIssuer: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag that was read: refused with 412 when it has changed since */
        'if-match'?: string;
      };
      path: {
        issuerId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['UpdateTrustedIssuer'];
      };
    };
    responses: {
      /** @description The issuer as it is now */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TrustedIssuer'];
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
  listTrustRules: {
    parameters: {
      query?: {
        issuerId?: string;
        clientId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The rules */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TrustRuleList'];
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
  createTrustRule: {
    parameters: {
      query?: never;
      header?: {
        /** @description A new random value for each act: a repetition within a day with the same value gets the same answer, and nothing is done twice */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateTrustRule'];
      };
    };
    responses: {
      /** @description The rule */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TrustRule'];
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
  getTrustRule: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        ruleId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The rule */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TrustRule'];
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
  deleteTrustRule: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag that was read: refused with 412 when it has changed since */
        'if-match'?: string;
      };
      path: {
        ruleId: string;
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
  updateTrustRule: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag that was read: refused with 412 when it has changed since */
        'if-match'?: string;
      };
      path: {
        ruleId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['UpdateTrustRule'];
      };
    };
    responses: {
      /** @description The rule as it is now */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TrustRule'];
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
  listTrustTemplates: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The templates */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TrustTemplateList'];
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
  fillTrustTemplate: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['FillTemplate'];
      };
    };
    responses: {
      /** @description Issuer and conditions */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['FilledTemplate'];
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
  dryRunTrust: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['DryRun'];
      };
    };
    responses: {
      /** @description What became of each step */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DryRunResult'];
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
  getServer: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The server */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ServerDescription'];
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
  listSigningKeys: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The keys */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SigningKeyList'];
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
  rotateSigningKey: {
    parameters: {
      query?: never;
      header?: {
        /** @description A new random value for each act: a repetition within a day with the same value gets the same answer, and nothing is done twice */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RotateSigningKey'];
      };
    };
    responses: {
      /** @description The key that is to sign */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SigningKey'];
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
  retireSigningKey: {
    parameters: {
      query?: never;
      header?: {
        /** @description A new random value for each act: a repetition within a day with the same value gets the same answer, and nothing is done twice */
        'idempotency-key'?: string;
      };
      path: {
        keyId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What it means */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RetiredSigningKey'];
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
  revokeToken: {
    parameters: {
      query?: never;
      header?: {
        /** @description A new random value for each act: a repetition within a day with the same value gets the same answer, and nothing is done twice */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RevokeToken'];
      };
    };
    responses: {
      /** @description The token */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RevokedToken'];
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
  listStatusListFetches: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The latest fetch of each */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['StatusListFetchList'];
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
  listAudit: {
    parameters: {
      query?: {
        /** @description Repeat it for several */
        type?: string[];
        clientId?: string;
        actor?: string;
        resource?: string;
        address?: string;
        reason?: string;
        /** @description From when on */
        from?: string;
        /** @description Until when, exclusively */
        to?: string;
        order?: 'newest' | 'oldest';
        /** @description Most entries of a page; 100 unless given */
        limit?: number;
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of entries */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AuditPage'];
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
  exportAudit: {
    parameters: {
      query?: {
        /** @description Repeat it for several */
        type?: string[];
        clientId?: string;
        actor?: string;
        resource?: string;
        address?: string;
        reason?: string;
        /** @description From when on */
        from?: string;
        /** @description Until when, exclusively */
        to?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One entry a line */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/x-ndjson': string;
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
  listUsage: {
    parameters: {
      query?: {
        clientId?: string;
        /** @description Identifier of an MCP server */
        resource?: string;
        /** @description From when on */
        from?: string;
        /** @description Until when, exclusively */
        to?: string;
        /** @description Most entries of a page; 100 unless given */
        limit?: number;
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of hours, the newest first */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['UsagePage'];
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
