import { Button, TextInput, type ButtonProps } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';

import { Dialog } from './dialog.tsx';
import { FailureNote } from './failure-note.tsx';

/** A button that asks before it acts, and says why where the act fails. */
export function Confirm({
  label,
  title,
  children,
  action,
  onDone,
  typed,
  color = 'red',
  ...button
}: {
  label: string;
  /** The question. */
  title: string;
  /** What will happen. */
  children: ReactNode;
  action: () => Promise<unknown>;
  onDone?: () => void;
  /** What has to be typed first. */
  typed?: string;
} & Pick<ButtonProps, 'disabled' | 'size' | 'variant' | 'color'>) {
  const [opened, setOpened] = useState(false);
  const [words, setWords] = useState('');
  const act = useMutation({
    mutationFn: action,
    onSuccess() {
      setOpened(false);
      onDone?.();
    },
  });
  return (
    <>
      <Button
        size="xs"
        variant="default"
        {...button}
        onClick={() => {
          act.reset();
          setWords('');
          setOpened(true);
        }}
      >
        {label}
      </Button>
      <Dialog opened={opened} onClose={() => setOpened(false)} title={title}>
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            act.mutate();
          }}
        >
          <div>{children}</div>
          {typed !== undefined && (
            <TextInput
              label={`Type ${typed} to confirm`}
              value={words}
              onChange={(event) => setWords(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
            />
          )}
          {act.error !== null && <FailureNote error={act.error} />}
          <div className="row row-end">
            <Button variant="default" onClick={() => setOpened(false)}>
              Leave it
            </Button>
            <Button
              type="submit"
              color={color}
              loading={act.isPending}
              disabled={typed !== undefined && words !== typed}
            >
              {label}
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}
