import type { Route } from '../shell/route.ts';
import { ClientDetail } from './client-detail.tsx';
import { ClientList } from './client-list.tsx';
import { CreateClient } from './create-client.tsx';

/** The machines that may get tokens. */
export function Clients({ route }: { route: Route }) {
  const [place, clientId] = route;
  if (place === 'new') return <CreateClient />;
  if (place === 'of' && clientId !== undefined) return <ClientDetail key={clientId} clientId={clientId} />;
  return <ClientList />;
}
