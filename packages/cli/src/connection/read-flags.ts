import { usageError } from '../command-error.ts';
import type { SecretReference } from '../profiles/profile.ts';
import type { CredentialFlags } from './connection-options.ts';

/**
 * Where the command line says the secret is; `undefined` where it does not say.
 *
 * @throws CommandError where it says several places, or a key beside a secret
 */
export function secretReferenceOf(flags: CredentialFlags): SecretReference | undefined {
  const { secretEnv, secretFile, secretCommand, secretPrompt } = flags;
  const references: SecretReference[] = [];
  if (secretEnv !== undefined) references.push({ env: secretEnv });
  if (secretFile !== undefined) references.push({ file: secretFile });
  if (secretCommand !== undefined) {
    references.push({ command: secretCommand.trim().split(/\s+/) as [string, ...string[]] });
  }
  if (secretPrompt === true) references.push({ prompt: true });
  if (references.length > 1) throw usageError('There must be one --secret option at most.');
  if (references.length === 1 && flags.keyFile !== undefined) {
    throw usageError('A client has a secret or a key: give --key-file, or one of the --secret options.');
  }
  return references[0];
}

/**
 * Reads `name=value` pairs.
 *
 * @param flag - how it is called on the command line
 * @throws CommandError for another form
 */
export function parsePairs(pairs: readonly string[], flag: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw usageError(`${flag} must be name=value, received "${pair.slice(0, 40)}".`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
