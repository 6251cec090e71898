import type { Counter, Histogram, Registry } from 'prom-client';

/** One value of a figure, under its own name where that has an ending. */
export interface Sample {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/**
 * Shows a figure in the registry that is counted elsewhere, in place, and read when somebody asks: the counters of
 * prom-client look their labels up at every step.
 */
export function registerFigure(
  registry: Registry,
  name: string,
  type: 'counter' | 'histogram',
  help: string,
  values: () => readonly Sample[],
): void {
  const described = { name, help, type, aggregator: 'sum' } as const;
  const figure = { ...described, get: async () => ({ ...described, values: values() }) };
  registry.registerMetric(figure as unknown as Counter | Histogram);
}
