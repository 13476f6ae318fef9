import type { Measurement } from '../measurement.ts';
import { median, medianRatio } from '../statistics.ts';
import type { ComparedFigures } from './compare-issuance.ts';
import type { LoadFigures } from './load-server.ts';

type Figure = keyof LoadFigures;

function valuesOf(figures: ComparedFigures, name: string, figure: Figure): readonly number[] {
  return (figures.get(name) ?? []).map((entry) => entry[figure]);
}

/** The figures of one contestant. */
export function describeFigures(
  figures: ComparedFigures,
  name: string,
  what = 'tokens',
): readonly Measurement[] {
  const cost = median(valuesOf(figures, name, 'cost'));
  const rate = median(valuesOf(figures, name, 'rate'));
  return [
    { name: `${name}: ${what} on one core`, value: Math.round(1e6 / cost), unit: `${what}/s` },
    { name: `${name}: processor time`, value: cost, unit: 'µs' },
    { name: `${name}: ${what} as measured`, value: Math.round(rate), unit: `${what}/s` },
    { name: `${name}: p99`, value: median(valuesOf(figures, name, 'p99')), unit: 'ms' },
  ];
}

/** How one contestant stands beside another: on one core, as measured, and by p99. */
export function describeRatios(
  figures: ComparedFigures,
  one: string,
  other: string,
  target: Pick<Measurement, 'target'> = {},
): readonly Measurement[] {
  const ratio = (figure: Figure, [above, below]: readonly [string, string]) =>
    medianRatio(valuesOf(figures, above, figure), valuesOf(figures, below, figure));
  return [
    {
      name: `${one} over ${other}, on one core`,
      value: ratio('cost', [other, one]),
      unit: 'ratio',
      ...target,
    },
    { name: `${one} over ${other}, as measured`, value: ratio('rate', [one, other]), unit: 'ratio' },
    { name: `${one} over ${other}, p99`, value: ratio('p99', [one, other]), unit: 'ratio' },
  ];
}
