import { useEffect, useId, useRef, type ReactNode } from 'react';

/** A question before the page, in the browser's own dialog: it keeps the focus, and Escape closes it. */
export function Dialog({
  opened,
  onClose,
  title,
  children,
}: {
  opened: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    if (opened) dialog.current?.showModal();
  }, [opened]);
  if (!opened) return null;
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}
