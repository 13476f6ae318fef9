import { showForeign } from '../parts/foreign-text.tsx';
import type { UsageChartData } from './usage-series.ts';

const WIDTH = 900;
const HEIGHT = 220;
const LEFT = 40;
const BOTTOM = 24;
const TOP = 10;

const HOUR = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const DAY = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' });

/** Stacked bars: tokens issued by client, and refusals on top. */
export function UsageChart({ data, bucketHours }: { data: UsageChartData; bucketHours: number }) {
  const { buckets, issued, refused, mostPerBucket } = data;
  const slot = (WIDTH - LEFT) / buckets.length;
  const scale = (HEIGHT - TOP - BOTTOM) / mostPerBucket;
  const base = HEIGHT - BOTTOM;
  const series = [
    ...issued.map((one, index) => ({ ...one, style: `series-${index}` })),
    { name: 'refused', counts: refused, total: refused.reduce((a, b) => a + b, 0), style: 'series-refused' },
  ];
  const total = series.reduce((count, one) => count + one.total, 0);
  const format = bucketHours === 1 ? HOUR : DAY;
  const step = Math.ceil(buckets.length / 8);
  return (
    <figure className="plain">
      <svg
        className="chart"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Tokens over time: ${total - (series.at(-1)?.total ?? 0)} issued, ${series.at(-1)?.total ?? 0} refused`}
      >
        {[0, 0.5, 1].map((part) => {
          const y = base - part * mostPerBucket * scale;
          return (
            <g key={part}>
              <line className="chart-line" x1={LEFT} x2={WIDTH} y1={y} y2={y} />
              <text x={LEFT - 6} y={y + 4} textAnchor="end">
                {part * mostPerBucket >= 1 || part === 0 ? Math.round(part * mostPerBucket) : ''}
              </text>
            </g>
          );
        })}
        {buckets.map((start, index) => {
          let y = base;
          return (
            <g key={start}>
              {series.map(({ name, counts, style }) => {
                const height = (counts[index] ?? 0) * scale;
                if (height === 0) return null;
                y -= height;
                return (
                  <rect
                    key={name}
                    className={style}
                    x={LEFT + index * slot + slot * 0.1}
                    y={y}
                    width={slot * 0.8}
                    height={height}
                  />
                );
              })}
              {index % step === 0 && (
                <text x={LEFT + index * slot + slot / 2} y={HEIGHT - 6} textAnchor="middle">
                  {format.format(start)}
                </text>
              )}
            </g>
          );
        })}
      </svg>
      <figcaption>
        {total === 0 ? (
          <span className="dimmed">No token was asked for in this time.</span>
        ) : (
          <ul className="legend small">
            {series
              .filter((one) => one.total > 0)
              .map(({ name, total: count, style }) => (
                <li key={name} className="wrap-anywhere">
                  <span className={`swatch ${style}`} aria-hidden="true" />
                  {showForeign(name, 40)}: {count.toLocaleString('en')}
                </li>
              ))}
          </ul>
        )}
      </figcaption>
    </figure>
  );
}
