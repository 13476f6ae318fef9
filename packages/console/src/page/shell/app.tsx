import { useSession } from '../api/queries.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { Shell } from './shell.tsx';
import { SignIn } from './sign-in.tsx';

/** The page: whoever is not signed in signs in first. */
export function App() {
  const session = useSession();
  if (session.data?.signedIn !== undefined) return <Shell signedIn={session.data.signedIn} />;
  if (session.data !== undefined) return <SignIn state={session.data} />;
  return (
    <main className="content centred">
      {session.error === null ? (
        <p role="status">Loading…</p>
      ) : (
        <FailureNote error={session.error} onRetry={() => void session.refetch()} />
      )}
    </main>
  );
}
