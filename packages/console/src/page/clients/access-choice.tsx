import { Button, Checkbox } from '@mantine/core';

import type { AdminSchemas } from '../api/calls.ts';
import { ForeignText } from '../parts/foreign-text.tsx';
import { hrefTo } from '../shell/route.ts';

/** Chosen scopes by resource. */
export type AccessChoiceValue = Readonly<Record<string, readonly string[]>>;

/** What is usually given, by the endings that scopes have. */
const TEMPLATES: readonly { readonly name: string; readonly fits: (scope: string) => boolean }[] = [
  { name: 'Read only', fits: (scope) => /(?:^|[:._/-])(?:read|list|view|get)(?:$|[:._/-])/.test(scope) },
  { name: 'All scopes', fits: () => true },
  { name: 'No scopes', fits: () => false },
];

/** Chooses MCP servers and scopes. */
export function AccessChoice({
  resources,
  value,
  onChange,
}: {
  resources: readonly AdminSchemas['Resource'][];
  value: AccessChoiceValue;
  onChange: (value: AccessChoiceValue) => void;
}) {
  if (resources.length === 0) {
    return (
      <p>
        No MCP server is registered yet. <a href={hrefTo('access')}>Register one under Access</a> first.
      </p>
    );
  }
  const set = (resource: string, scopes: readonly string[] | undefined): void => {
    const { [resource]: _before, ...others } = value;
    onChange(scopes === undefined ? others : { ...others, [resource]: scopes });
  };
  return (
    <div className="stack">
      {resources.map(({ resource, scopes, label }) => {
        const chosen = value[resource];
        return (
          <fieldset key={resource} className="choice">
            <legend className="visually-hidden">{resource}</legend>
            <Checkbox
              checked={chosen !== undefined}
              onChange={(event) => set(resource, event.currentTarget.checked ? readable(scopes) : undefined)}
              label={<span className="wrap-anywhere">{resource}</span>}
              description={label === undefined ? undefined : <ForeignText text={label} />}
            />
            {chosen !== undefined && (
              <div className="choice-inner">
                <div className="row">
                  {TEMPLATES.map(({ name, fits }) => (
                    <Button
                      key={name}
                      size="compact-xs"
                      variant="default"
                      onClick={() => set(resource, scopes.filter(fits))}
                    >
                      {name}
                    </Button>
                  ))}
                </div>
                {scopes.length === 0 && <p className="dimmed small">This server asks for no scope.</p>}
                {scopes.map((scope) => (
                  <Checkbox
                    key={scope}
                    checked={chosen.includes(scope)}
                    onChange={(event) =>
                      set(
                        resource,
                        event.currentTarget.checked
                          ? [...chosen, scope]
                          : chosen.filter((other) => other !== scope),
                      )
                    }
                    label={<ForeignText text={scope} />}
                  />
                ))}
              </div>
            )}
          </fieldset>
        );
      })}
    </div>
  );
}

/** What a machine gets to begin with: the least. */
function readable(scopes: readonly string[]): readonly string[] {
  return scopes.filter((scope) => TEMPLATES[0]?.fits(scope));
}

/** The choice as the API takes it. */
export function toAccess(value: AccessChoiceValue): { resource: string; scopes: string[] }[] {
  return Object.entries(value).map(([resource, scopes]) => ({ resource, scopes: [...scopes] }));
}
