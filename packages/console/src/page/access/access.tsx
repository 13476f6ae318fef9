import type { Route } from '../shell/route.ts';
import { ResourceDetail } from './resource-detail.tsx';
import { ResourceList } from './resource-list.tsx';

/** The MCP servers that tokens can be issued for, their scopes and their tools. */
export function Access({ route }: { route: Route }) {
  const [place, id] = route;
  return place === 'of' && id !== undefined ? <ResourceDetail key={id} id={id} /> : <ResourceList />;
}
