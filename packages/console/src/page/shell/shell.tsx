import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

import { Access } from '../access/access.tsx';
import { Activity } from '../activity/activity.tsx';
import { own, take, type ConsoleSchemas } from '../api/calls.ts';
import { useServer } from '../api/queries.ts';
import { Clients } from '../clients/clients.tsx';
import { Connections } from '../connections/connections.tsx';
import { Keys } from '../keys/keys.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { ForeignText } from '../parts/foreign-text.tsx';
import { Trust } from '../trust/trust.tsx';
import { hrefTo, useRoute } from './route.ts';
import { SchemeSwitch } from './scheme-switch.tsx';

const SECTIONS = [
  { name: 'clients', title: 'Clients', Section: Clients },
  { name: 'connections', title: 'Connections', Section: Connections },
  { name: 'access', title: 'Access', Section: Access },
  { name: 'trust', title: 'Trust', Section: Trust },
  { name: 'activity', title: 'Activity', Section: Activity },
  { name: 'keys', title: 'Keys', Section: Keys },
] as const;

type SignedIn = NonNullable<ConsoleSchemas['SessionState']['signedIn']>;

/** The frame around every section. */
export function Shell({ signedIn }: { signedIn: SignedIn }) {
  const route = useRoute();
  const queries = useQueryClient();
  const server = useServer();
  const content = useRef<HTMLElement>(null);
  const place = route.join('/');
  const shown = useRef(place);
  const signOut = useMutation({
    mutationFn: () => take(own.DELETE('/session')),
    onSuccess: () =>
      queries.setQueryData(['session'], (before: ConsoleSchemas['SessionState']) => ({
        ...before,
        signedIn: undefined,
      })),
  });
  const current = SECTIONS.find(({ name }) => name === route[0]) ?? SECTIONS[0];

  useEffect(() => {
    document.title = `${current.title} · mcp-m2m console`;
    if (shown.current === place) return;
    shown.current = place;
    // As after loading a page: whoever uses a keyboard or a screen reader is at its beginning.
    window.scrollTo(0, 0);
    content.current?.focus({ preventScroll: true });
  }, [place, current.title]);

  return (
    <div className="shell">
      <a
        className="skip-link"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          content.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <header className="top">
        <a className="brand" href={hrefTo('clients')}>
          <img src="./icon.svg" alt="" width="24" height="24" />
          <span>mcp-m2m console</span>
        </a>
        <span className="top-issuer wrap-anywhere">{server.data?.issuer}</span>
        <div className="top-actions">
          <span className="top-name">
            <ForeignText text={signedIn.name} most={60} />
            {!signedIn.scopes.includes('admin:write') && <span className="badge badge-warn">read only</span>}
          </span>
          <SchemeSwitch />
          <Button size="xs" variant="default" loading={signOut.isPending} onClick={() => signOut.mutate()}>
            Sign out
          </Button>
        </div>
      </header>
      <nav className="sections" aria-label="Sections">
        <ul>
          {SECTIONS.map(({ name, title }) => (
            <li key={name}>
              <a href={hrefTo(name)} aria-current={current.name === name ? 'page' : undefined}>
                {title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <main className="content" id="content" tabIndex={-1} ref={content}>
        {signOut.error !== null && <FailureNote error={signOut.error} onRetry={() => signOut.mutate()} />}
        <current.Section route={route.slice(1)} />
      </main>
    </div>
  );
}
