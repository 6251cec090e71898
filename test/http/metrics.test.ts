import { describe, expect, it } from 'vitest';
import { createMetrics, type MetricsOptions } from '../../src/http/metrics.js';
import { newRecord } from '../../src/http/request-record.js';

const none = { operation: () => undefined, className: () => undefined, process: false } satisfies MetricsOptions;

describe('the metrics', () => {
  it('read the cache, the events and the readiness when they are asked', async () => {
    let age: number | undefined;
    const { registry } = createMetrics({
      ...none,
      cacheAge: () => age,
      eventLag: () => 0.05,
      ready: () => age !== undefined,
      inProgress: () => 3,
    });
    expect(await registry.metrics()).not.toMatch(/^xen_cim_cache_age_seconds/m);
    age = 1.5;
    const text = await registry.metrics();
    expect(text).toMatch(/xen_cim_cache_age_seconds 1.5\n/);
    expect(text).toMatch(/xen_cim_event_lag_seconds 0.05\n/);
    expect(text).toMatch(/xen_cim_ready 1\n/);
    expect(text).toMatch(/xen_cim_requests_in_progress 3\n/);
  });

  it('of the process have the delay of the event loop and the memory', async () => {
    const { registry } = createMetrics({ ...none, process: true });
    const text = await registry.metrics();
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(text).toContain('process_resident_memory_bytes');
  });

  it('stay as many, whatever names clients send', async () => {
    const metrics = createMetrics(none);
    const tell = (n: number): void =>
      metrics.request({ ...newRecord(), operation: `Op${n}`, className: `Class${n}`, outcome: 'OK' });
    tell(0);
    const lines = (await metrics.registry.metrics()).split('\n').length;
    for (let n = 1; n < 200; n++) tell(n);
    expect((await metrics.registry.metrics()).split('\n')).toHaveLength(lines);
  });
});
