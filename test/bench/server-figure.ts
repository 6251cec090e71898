/** The share of an operation's requests that the server has done within a millisecond, by its own figures. */
export function shareWithin(figures: string, operation: string, seconds = '0.001'): number {
  const line = (name: string, extra: string): number => {
    const of = `^xen_cim_request_seconds_${name}\\{${extra}operation="${operation}"[^}]*outcome="OK"\\} (\\S+)$`;
    return [...figures.matchAll(new RegExp(of, 'gm'))].reduce((sum, [, value]) => sum + Number(value), 0);
  };
  return line('bucket', `le="${seconds}",`) / line('count', '');
}

export async function requestShare(url: URL, operation: string): Promise<number> {
  return shareWithin(await (await fetch(new URL('/metrics', url))).text(), operation);
}

/** One figure without labels, by its name; NaN where there is none. */
export const figureNamed = (figures: string, name: string): number =>
  Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(figures)?.[1]);

/** In MB. */
export interface HeldMemory {
  /** What the heap holds, and its room. */
  readonly heap: number;
  readonly heapRoom: number;
  /** What is held outside of it. */
  readonly external: number;
}

export async function heldMemory(url: URL): Promise<HeldMemory> {
  const figures = await (await fetch(new URL('/metrics', url))).text();
  const megabytes = (name: string): number => figureNamed(figures, name) / 1e6;
  return {
    heap: megabytes('nodejs_heap_size_used_bytes'),
    heapRoom: megabytes('nodejs_heap_size_total_bytes'),
    external: megabytes('nodejs_external_memory_bytes'),
  };
}
