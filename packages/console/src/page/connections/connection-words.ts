import type { ConsoleSchemas } from '../api/calls.ts';
import type { Tone } from '../parts/badge.tsx';

export type Connection = ConsoleSchemas['Connection'];
export type Grant = Connection['grant'];

/** The grants as they are offered, those that begin with a person with what is to be said of them. */
export const GRANTS: readonly {
  readonly value: Grant;
  readonly label: string;
  readonly description: string;
  readonly person?: string;
}[] = [
  {
    value: 'client_credentials',
    label: 'Client credentials',
    description: 'The machine is known by a secret or a key of its own.',
  },
  {
    value: 'workload',
    label: 'Workload token',
    description: 'The platform that the machine runs on vouches for it.',
  },
  {
    value: 'token_exchange',
    label: 'Token exchange',
    description: 'The machine acts on behalf of somebody, whose token it hands in.',
  },
  {
    value: 'authorization_code',
    label: 'Authorization code (needs a person)',
    description: 'A person signs in with a browser.',
    person:
      'This grant begins with a person who signs in with a browser. When a machine connects, nobody is there to do so. Use client credentials with a credential of the machine itself; to act on behalf of a person, use token exchange. If the tools are meant for people, connect with an MCP client that opens a browser.',
  },
  {
    value: 'device_code',
    label: 'Device code (needs a person)',
    description: 'A person types a code on another device.',
    person:
      'This grant begins with a person who types a code on another device. Use client credentials for a machine that runs alone, or token exchange to act on behalf of a person.',
  },
  {
    value: 'password',
    label: 'Password (needs a person, and is dropped)',
    description: "A person's password is handed to a program.",
    person:
      "This grant hands a person's password to a program; OAuth 2.1 has dropped it and MCP does not know it. Use client credentials with a credential of the machine itself.",
  },
];

/** What a test found, in a word. */
export const OUTCOMES: Readonly<
  Record<'healthy' | 'incomplete' | 'broken', { readonly tone: Tone; readonly word: string }>
> = {
  healthy: { tone: 'good', word: 'healthy' },
  incomplete: { tone: 'warn', word: 'no credential' },
  broken: { tone: 'bad', word: 'broken' },
};
