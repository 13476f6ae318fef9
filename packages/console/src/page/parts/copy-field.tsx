import { Button } from '@mantine/core';
import { useState } from 'react';

/** Text to be copied: an identifier, a command, a secret. */
export function CopyField({ label, text, block = false }: { label: string; text: string; block?: boolean }) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setState('copied');
    } catch {
      setState('failed');
    }
  };
  return (
    <div className={block ? 'copy copy-block' : 'copy'}>
      {block ? (
        <pre tabIndex={0} aria-label={label}>
          <code>{text}</code>
        </pre>
      ) : (
        <code className="wrap-anywhere" aria-label={label}>
          {text}
        </code>
      )}
      <Button
        size="xs"
        variant="default"
        aria-label={`Copy: ${label}`}
        onClick={() => void copy()}
        onBlur={() => setState('idle')}
      >
        {state === 'copied' ? 'Copied' : state === 'failed' ? 'Select it by hand' : 'Copy'}
      </Button>
      <span className="visually-hidden" role="status">
        {state === 'copied' ? `${label} was copied` : ''}
      </span>
    </div>
  );
}
