import { Alert } from '@mantine/core';

import { CopyField } from '../parts/copy-field.tsx';
import { exportSecret } from './commands.ts';

/** A new secret, this once. */
export function SecretReveal({ secret }: { secret: string }) {
  return (
    <Alert color="yellow" variant="outline" title="Copy the secret now: it is shown this once" role="status">
      <div className="stack-tight">
        <CopyField label="Client secret" text={secret} />
        <p className="small plain">
          Put it where the machine reads its secrets. In a shell, for the commands that follow:
        </p>
        <CopyField block label="Secret for the shell" text={exportSecret(secret)} />
        <p className="small plain">
          If it is lost, nobody can read it again: create another one. If it leaks, rotate it.
        </p>
      </div>
    </Alert>
  );
}
