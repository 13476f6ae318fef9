import type { Route } from '../shell/route.ts';
import { AddConnection } from './add-connection.tsx';
import { ConnectionDetail } from './connection-detail.tsx';
import { ConnectionList } from './connection-list.tsx';

/** Connections to MCP servers, as their clients have them. */
export function Connections({ route }: { route: Route }) {
  const [place, id] = route;
  if (place === 'new') return <AddConnection />;
  if (place === 'of' && id !== undefined) return <ConnectionDetail key={id} id={id} />;
  return <ConnectionList />;
}
