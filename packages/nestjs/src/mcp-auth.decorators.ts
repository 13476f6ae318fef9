import { assertScopes } from '@mcp-m2m/core';
import type { AccessRequirement } from '@mcp-m2m/core/server';
import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { callerOf } from './protected-requests.ts';

/** Under which controllers and handlers keep what they ask for. */
const REQUIREMENTS = Symbol('@mcp-m2m/nestjs requirements');
/** Under which controllers and handlers keep that they ask for nothing. */
const PUBLIC = Symbol('@mcp-m2m/nestjs public');

/** Decorates a controller, or one of its handlers. */
export type RouteDecorator = ClassDecorator & MethodDecorator;

/**
 * Asks every request to a route for all of these scopes, beside what the access policy asks for.
 *
 * Requirements of a controller and of its handler add up.
 *
 * @throws TypeError for what is not a scope, and for none at all
 */
export function RequireScopes(...scopes: readonly string[]): RouteDecorator {
  assertSomeScopes(scopes, '@RequireScopes(...scopes)');
  return requiring({ scopes });
}

/** Asks every request to a route for one of these scopes, the first of which a challenge names; see {@link RequireScopes}. */
export function AnyScope(...anyOf: readonly string[]): RouteDecorator {
  assertSomeScopes(anyOf, '@AnyScope(...scopes)');
  return requiring({ anyOf });
}

/** Lets a person call a route, or somebody who acts for a person; never a machine for itself. */
export function RequireUser(): RouteDecorator {
  return requiring({ caller: 'user' });
}

/** Lets only machines that act for themselves call a route. */
export function RequireMachine(): RouteDecorator {
  return requiring({ caller: 'machine' });
}

/**
 * Takes `McpAuthGuard` off a handler or a controller. A handler that has a requirement of its own is not public,
 * whatever its controller says.
 */
export function Public(): RouteDecorator {
  return SetMetadata(PUBLIC, true);
}

/**
 * Hands the `Caller` to a handler's parameter.
 *
 * Throws a TypeError where `McpAuthGuard` did not let the request pass, as on a public route.
 */
export const CurrentCaller: () => ParameterDecorator = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => callerOf(context),
);

function assertSomeScopes(scopes: readonly string[], decorator: string): void {
  assertScopes(scopes, decorator);
  if (scopes.length === 0) throw new TypeError(`${decorator} needs at least one scope.`);
}

function requiring(requirement: AccessRequirement): RouteDecorator {
  return (target: object, _name?: string | symbol, descriptor?: { readonly value?: unknown }) => {
    const subject = descriptor?.value ?? target;
    // What a controller inherits counts as well.
    Reflect.defineMetadata(REQUIREMENTS, [...requirementsOf(subject), requirement], subject);
  };
}

/** What the decorators of a controller or of a handler ask for. */
export function requirementsOf(subject: object): readonly AccessRequirement[] {
  return (Reflect.getMetadata(REQUIREMENTS, subject) ?? []) as readonly AccessRequirement[];
}

/** Whether a controller or a handler is marked as asking for nothing. */
export function isPublic(subject: object): boolean {
  return Reflect.getMetadata(PUBLIC, subject) === true;
}
