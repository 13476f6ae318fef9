import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { admin, take, type AdminSchemas } from '../api/calls.ts';
import { FailureNote } from '../parts/failure-note.tsx';

/** The values of a template, which become an issuer and conditions to look at. */
export function TemplateFields({
  template,
  onFilled,
}: {
  template: AdminSchemas['TrustTemplate'];
  onFilled: (filled: AdminSchemas['FilledTemplate']) => void;
}) {
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== ''));
  const fill = useMutation({
    mutationFn: () =>
      take(
        admin.POST('/admin/v1/trust/templates/{name}', {
          params: { path: { name: template.name } },
          body: { values: given },
        }),
      ),
    onSuccess: onFilled,
  });
  return (
    <fieldset className="choice stack">
      <legend>{template.label}</legend>
      <div className="columns">
        {template.parameters.map(({ name, description, example, required }) => (
          <TextInput
            key={name}
            label={`${name}${required ? '' : ' (optional)'}`}
            description={description}
            placeholder={example}
            value={values[name] ?? ''}
            onChange={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
            spellCheck={false}
          />
        ))}
      </div>
      {fill.error !== null && <FailureNote error={fill.error} />}
      <div className="row">
        <Button size="xs" variant="default" loading={fill.isPending} onClick={() => fill.mutate()}>
          Fill in from the template
        </Button>
        <a href={template.documentation} target="_blank" rel="noreferrer noopener">
          About its tokens<span className="visually-hidden"> (opens a new tab)</span>
        </a>
      </div>
    </fieldset>
  );
}
