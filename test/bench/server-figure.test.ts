import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/http/metrics.js';
import { newRecord } from '../../src/http/request-record.js';
import { figureNamed, shareWithin } from './server-figure.js';

describe("the server's own figures", () => {
  it('tell which share of an operation was done within a millisecond', async () => {
    const metrics = createMetrics({ operation: (name) => name, className: (name) => name, process: false });
    const told = (operation: string, className: string, ago: number): void =>
      metrics.request({ ...newRecord(), operation, className, outcome: 'OK', started: performance.now() - ago });
    for (const ago of [0, 0, 50, 3_000]) told('Associators', 'Xen_ComputerSystem', ago);
    told('Associators', 'Xen_Disk', 50);
    told('GetInstance', 'Xen_Disk', 0);
    const text = await metrics.registry.metrics();
    expect(shareWithin(text, 'Associators', '0.1')).toBeCloseTo(4 / 5);
    expect(shareWithin(text, 'References')).toBeNaN();
  });

  it('tell what has no labels', () => {
    expect(figureNamed('# HELP a b\na 5e6\nab 3\n', 'a')).toBe(5e6);
    expect(figureNamed('ab 3', 'a')).toBeNaN();
  });
});
