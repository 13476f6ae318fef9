import type { ResourceServer } from '@mcp-m2m/core/server';
import type { Type } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { isPublic, requirementsOf } from './mcp-auth.decorators.ts';
import { MCP_RESOURCE_SERVER } from './mcp-auth.options.ts';

type Subject = Type | (() => unknown);

/** What protects a route, or that nothing does. */
export type RouteProtection =
  | 'public'
  | {
      /** The resource that the route belongs to. */
      readonly resource: ResourceServer;
      /** The same, asking for what the route's decorators ask for as well. */
      readonly server: ResourceServer;
    };

/**
 * Tells what protects a route of an application. To be asked once for each, since it makes something new.
 *
 * @param ownServer - of the guard's own module
 */
export function readRouteProtection(
  controller: Subject,
  handler: Subject,
  ownServer: ResourceServer,
  modules: ModulesContainer,
): RouteProtection {
  const ofHandler = requirementsOf(handler);
  if (ofHandler.length === 0 && (isPublic(handler) || isPublic(controller))) return 'public';
  const resource = findResource(controller, modules) ?? ownServer;
  const requirements = [...requirementsOf(controller), ...ofHandler];
  return { resource, server: requirements.reduce((server, one) => server.requiring(one), resource) };
}

/**
 * The resource that a controller's module imports by `forFeature`: a global guard belongs to another module, and
 * must not judge by that one's.
 */
function findResource(controller: Subject, modules: ModulesContainer): ResourceServer | undefined {
  const hosts = [...modules.values()].filter(({ controllers }) => controllers.has(controller));
  const found = new Set(
    hosts.flatMap(({ imports }) => {
      const features = [...imports].filter(
        ({ isGlobal, providers }) => !isGlobal && providers.has(MCP_RESOURCE_SERVER),
      );
      return features.length > 0 ? features : [undefined];
    }),
  );
  if (found.size > 1) {
    throw new TypeError(
      `McpAuthGuard: ${controller.name} belongs to several resources; import one McpAuthModule.forFeature() for it.`,
    );
  }
  const [feature] = found;
  return feature?.providers.get(MCP_RESOURCE_SERVER)?.instance as ResourceServer | undefined;
}
