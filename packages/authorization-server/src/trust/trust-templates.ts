import { assertKnownOptions } from '@mcp-m2m/core';

import type { TrustCondition } from './trust-condition.ts';

/** A value that a template is filled in with. */
export interface TrustTemplateParameter {
  readonly name: string;
  readonly description: string;
  readonly example: string;
  readonly required: boolean;
}

/** What a template gives: options of `trust.issuers.create` and of `trust.rules.create`. */
export interface FilledTrustTemplate {
  readonly issuer: string;
  readonly audience: string | undefined;
  readonly conditions: readonly TrustCondition[];
}

/** The shape that tokens of one kind of platform have. */
export interface TrustTemplate {
  readonly name: string;
  readonly label: string;
  /** The platform's own description of its tokens. */
  readonly documentation: string;
  readonly parameters: readonly TrustTemplateParameter[];
}

type Values = Readonly<Record<string, string | undefined>>;

interface FillableTemplate extends TrustTemplate {
  readonly fill: (values: Values) => {
    issuer: string;
    conditions: (TrustCondition | undefined)[];
    audience?: string | undefined;
  };
}

const required = (name: string, description: string, example: string): TrustTemplateParameter => ({
  name,
  description,
  example,
  required: true,
});
const optional = (name: string, description: string, example: string): TrustTemplateParameter => ({
  name,
  description,
  example,
  required: false,
});

const equals = (claim: string, value: string | undefined): TrustCondition | undefined =>
  value === undefined ? undefined : { claim, equals: value };
const subject = (value: string): TrustCondition =>
  value.includes('*') ? { claim: 'sub', matches: value } : { claim: 'sub', equals: value };

const AUDIENCE = optional(
  'audience',
  'The audience of the tokens, where it cannot be this authorization server',
  'api://AzureADTokenExchange',
);

const TEMPLATES: readonly FillableTemplate[] = [
  {
    name: 'github-actions',
    label: 'GitHub Actions',
    documentation: 'https://docs.github.com/en/actions/reference/security/oidc',
    parameters: [
      required('repository', 'Owner and name of the repository', 'octo-org/app'),
      optional('repositoryId', 'Its numeric id, which no later repository of that name has', '1296269'),
      optional('ref', 'The branch or tag that a workflow has to run for', 'refs/heads/main'),
      optional('environment', 'The deployment environment of the job', 'production'),
      optional('issuer', 'For GitHub Enterprise Server', 'https://github.example.com/_services/token'),
    ],
    fill: ({ repository, repositoryId, ref, environment, issuer }) => ({
      issuer: issuer ?? 'https://token.actions.githubusercontent.com',
      conditions: [
        equals('repository', repository),
        equals('repository_id', repositoryId),
        equals('ref', ref),
        equals('environment', environment),
      ],
    }),
  },
  {
    name: 'gitlab',
    label: 'GitLab CI/CD',
    documentation: 'https://docs.gitlab.com/ci/secrets/id_token_authentication/',
    parameters: [
      required('projectPath', 'Group and name of the project', 'octo-group/app'),
      optional('projectId', 'Its numeric id, which no later project of that path has', '4242'),
      optional('ref', 'The branch or tag, without refs/', 'main'),
      optional('refType', 'branch or tag', 'branch'),
      optional('environment', 'The deployment environment of the job', 'production'),
      optional('issuer', 'The URL of the instance', 'https://gitlab.example.com'),
    ],
    fill: ({ projectPath, projectId, ref, refType, environment, issuer }) => ({
      issuer: issuer ?? 'https://gitlab.com',
      conditions: [
        equals('project_path', projectPath),
        equals('project_id', projectId),
        equals('ref', ref),
        equals('ref_type', refType ?? (ref === undefined ? undefined : 'branch')),
        equals('environment', environment),
      ],
    }),
  },
  {
    name: 'kubernetes',
    label: 'Kubernetes service account',
    documentation: 'https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/',
    parameters: [
      required('issuer', "The cluster's service account issuer", 'https://oidc.cluster.example.com'),
      required('namespace', 'The namespace of the service account', 'ci'),
      required('serviceAccount', 'Its name', 'deployer'),
    ],
    fill: ({ issuer = '', namespace, serviceAccount }) => ({
      issuer,
      conditions: [equals('sub', `system:serviceaccount:${namespace}:${serviceAccount}`)],
    }),
  },
  {
    name: 'spiffe',
    label: 'SPIFFE JWT-SVID',
    documentation: 'https://github.com/spiffe/spiffe/blob/main/standards/JWT-SVID.md',
    parameters: [
      required('issuer', 'The claim iss of the SVIDs: jwt_issuer of SPIRE', 'https://spire.example.org'),
      required(
        'spiffeId',
        'The SPIFFE ID of the workload; * stands for one part of its path',
        'spiffe://example.org/ns/ci/sa/deployer',
      ),
    ],
    fill: ({ issuer = '', spiffeId = '' }) => ({ issuer, conditions: [subject(spiffeId)] }),
  },
  {
    name: 'gcp',
    label: 'Google Cloud service account',
    documentation: 'https://cloud.google.com/compute/docs/instances/verifying-instance-identity',
    parameters: [
      required(
        'uniqueId',
        'The numeric id of the service account, which no later one has',
        '104857600000000000000',
      ),
      optional('email', 'Its address', 'deployer@my-project.iam.gserviceaccount.com'),
    ],
    fill: ({ uniqueId, email }) => ({
      issuer: 'https://accounts.google.com',
      conditions: [
        equals('sub', uniqueId),
        equals('email', email),
        email === undefined ? undefined : { claim: 'email_verified', equals: true },
      ],
    }),
  },
  {
    name: 'azure',
    label: 'Azure managed identity',
    documentation: 'https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference',
    parameters: [
      required('tenantId', 'The directory', '00000000-0000-0000-0000-000000000000'),
      required(
        'objectId',
        'Object (principal) id of the managed identity',
        '11111111-1111-1111-1111-111111111111',
      ),
      { ...AUDIENCE, required: true, example: '22222222-2222-2222-2222-222222222222' },
    ],
    fill: ({ tenantId, objectId, audience }) => ({
      issuer: `https://login.microsoftonline.com/${tenantId}/v2.0`,
      audience,
      conditions: [equals('oid', objectId), equals('sub', objectId), equals('tid', tenantId)],
    }),
  },
  {
    name: 'aws',
    label: 'AWS IAM role',
    documentation:
      'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html',
    parameters: [
      required(
        'issuer',
        "The account's issuer, from GetOutboundWebIdentityFederationInfo",
        'https://abc12345.tokens.sts.global.api.aws',
      ),
      required('roleArn', 'The role that the workload runs as', 'arn:aws:iam::123456789012:role/Deployer'),
    ],
    fill: ({ issuer = '', roleArn }) => ({ issuer, conditions: [equals('sub', roleArn)] }),
  },
];

/** The templates, as data: for a form, or a list of what there is. */
export const TRUST_TEMPLATES: readonly TrustTemplate[] = TEMPLATES.map(
  ({ name, label, documentation, parameters }) => ({ name, label, documentation, parameters }),
);

/**
 * Fills in a template, for `trust.issuers.create` and `trust.rules.create` to be called with.
 *
 * @param name - of the template
 * @param values - by name of the parameter
 * @throws TypeError for an unknown template or parameter, and for a required one that is missing
 */
export function fillTrustTemplate(
  name: string,
  values: Readonly<Record<string, string>>,
): FilledTrustTemplate {
  const template = TEMPLATES.find((one) => one.name === name);
  if (template === undefined) {
    throw new TypeError(`template must be one of ${TEMPLATES.map((one) => one.name).join(', ')}.`);
  }
  assertKnownOptions(
    values,
    template.parameters.map((parameter) => parameter.name),
    `the values of the template ${name}`,
  );
  for (const { name: parameter, required: needed, description, example } of template.parameters) {
    const value: unknown = values[parameter];
    if (value === undefined && !needed) continue;
    if (typeof value !== 'string' || value === '') {
      throw new TypeError(`${parameter} must be a text: ${description}, such as "${example}".`);
    }
  }
  const { issuer, audience, conditions } = template.fill(values);
  return { issuer, audience, conditions: conditions.filter((condition) => condition !== undefined) };
}
