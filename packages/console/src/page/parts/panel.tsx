import { useId, type ReactNode } from 'react';

/** A part of a page with a heading of its own. */
export function Panel({
  title,
  children,
  actions,
  danger = false,
}: {
  title: string;
  children: ReactNode;
  actions?: ReactNode;
  danger?: boolean;
}) {
  const id = useId();
  return (
    <section className={danger ? 'panel panel-danger' : 'panel'} aria-labelledby={id}>
      <div className="panel-head">
        <h2 id={id}>{title}</h2>
        {actions}
      </div>
      {children}
    </section>
  );
}
