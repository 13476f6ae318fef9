import { NativeSelect, TextInput } from '@mantine/core';

import { sayAbsolute, sayRelative } from '../parts/when.tsx';

/** When something ends: after some days, on a date, or never. */
export interface Expiry {
  /** `never`, `date`, or a number of days. */
  readonly choice: string;
  /** Of `date`, as its input has it. */
  readonly date: string;
}

export const IN_90_DAYS: Expiry = { choice: '90', date: '' };

/** The moment that was chosen; undefined for never, and for a date that is not there yet. */
export function expiryTime({ choice, date }: Expiry, now = Date.now()): number | undefined {
  if (choice === 'never') return undefined;
  const time = choice === 'date' ? Date.parse(date) : now + Number(choice) * 86_400_000;
  return Number.isNaN(time) ? undefined : time;
}

/** What is wrong with a choice, if anything. */
export function expiryMistake(expiry: Expiry): string | undefined {
  if (expiry.choice !== 'date') return undefined;
  const time = expiryTime(expiry);
  if (time === undefined) return 'Choose a date.';
  return time <= Date.now() ? 'This date is over; choose one to come.' : undefined;
}

/** Chooses when something ends, with the date shown as it will be. */
export function ExpiryChoice({
  label,
  value,
  onChange,
  days = ['30', '90', '180', '365'],
  never = true,
}: {
  label: string;
  value: Expiry;
  onChange: (value: Expiry) => void;
  days?: readonly string[];
  never?: boolean;
}) {
  const time = expiryTime(value);
  const mistake = expiryMistake(value);
  return (
    <div className="stack-tight">
      <NativeSelect
        label={label}
        value={value.choice}
        onChange={(event) => onChange({ ...value, choice: event.currentTarget.value })}
        data={[
          ...days.map((count) => ({
            value: count,
            label: count === '1' ? 'In one day' : `In ${count} days`,
          })),
          { value: 'date', label: 'On a date…' },
          ...(never ? [{ value: 'never', label: 'Never' }] : []),
        ]}
      />
      {value.choice === 'date' && (
        <TextInput
          type="datetime-local"
          label="Date and time"
          value={value.date}
          onChange={(event) => onChange({ ...value, date: event.currentTarget.value })}
          error={value.date === '' ? undefined : mistake}
        />
      )}
      <p className="small plain" role="status" data-testid="expiry-shown">
        {value.choice === 'never'
          ? 'It has no end: whoever gets hold of it can use it until somebody notices.'
          : time === undefined || mistake !== undefined
            ? (mistake ?? 'Choose a date.')
            : `Ends on ${sayAbsolute(time)} (${sayRelative(time)}).`}
      </p>
    </div>
  );
}
