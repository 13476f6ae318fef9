import { Alert, Button, Paper, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { own, take, type ConsoleSchemas } from '../api/calls.ts';
import { forgetSession } from '../api/queries.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { useRoute } from './route.ts';
import { SchemeSwitch } from './scheme-switch.tsx';

const OPENID_FAILURES: Readonly<Record<string, string>> = {
  expired: 'Signing in took too long, or was begun in another browser. Try again.',
  refused: 'The login provider did not let you in, or its answer could not be trusted. Try again.',
  role_missing:
    'The login provider knows you, but you do not have the role that may use this console. Ask whoever manages roles there.',
  provider_unavailable:
    'The login provider does not answer. Try again later, or sign in with a client credential.',
  administrator_unavailable:
    "The console's own credential at the authorization server is not accepted any more. Its operator has to renew it.",
};

/** Signing in: by the credential of an administrator, or at the OpenID provider. */
export function SignIn({ state }: { state: ConsoleSchemas['SessionState'] }) {
  const [clientId, setClientId] = useState('');
  const [clientSecret, setClientSecret] = useState('');
  const [route, reason = ''] = useRoute();
  const queries = useQueryClient();
  useEffect(() => forgetSession(queries), [queries]);
  const signIn = useMutation({
    mutationFn: () =>
      take(own.POST('/session', { body: { clientId: clientId.trim(), clientSecret: clientSecret.trim() } })),
    onSuccess(session) {
      setClientSecret('');
      if (route === 'sign-in-failed') window.location.hash = '#/clients';
      queries.setQueryData(['session'], session);
    },
  });
  return (
    <main className="sign-in">
      <div className="sign-in-scheme">
        <SchemeSwitch />
      </div>
      <Paper withBorder radius="md" p="xl" className="sign-in-card">
        <h1 className="sign-in-title">Sign in to the console</h1>
        <p className="dimmed wrap-anywhere">{state.issuer}</p>
        {route === 'sign-in-failed' && signIn.isIdle && (
          <Alert color="red" role="alert" className="space-below">
            {OPENID_FAILURES[reason] ?? OPENID_FAILURES['refused']}
          </Alert>
        )}
        {state.openId !== undefined && (
          <>
            <Button component="a" href={state.openId.path} fullWidth>
              Sign in with {state.openId.label}
            </Button>
            <p className="divider">or with a client credential</p>
          </>
        )}
        <form
          onSubmit={(event) => {
            event.preventDefault();
            signIn.mutate();
          }}
        >
          <Stack>
            <TextInput
              label="Client ID"
              description="A client with admin:read or admin:write, such as the one of the first start"
              value={clientId}
              onChange={(event) => setClientId(event.currentTarget.value)}
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              required
              withAsterisk={false}
            />
            <PasswordInput
              label="Client secret"
              value={clientSecret}
              onChange={(event) => setClientSecret(event.currentTarget.value)}
              autoComplete="current-password"
              visibilityToggleButtonProps={{ 'aria-label': 'Show the secret' }}
              required
              withAsterisk={false}
            />
            {signIn.error !== null && <FailureNote error={signIn.error} />}
            <Button
              type="submit"
              loading={signIn.isPending}
              variant={state.openId === undefined ? 'filled' : 'default'}
            >
              Sign in
            </Button>
          </Stack>
        </form>
      </Paper>
    </main>
  );
}
