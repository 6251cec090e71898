import { Connection } from './connection.js';
import { type Prepared, prepare } from './request-bytes.js';

export interface Load {
  readonly perSecond: number;
  /** Milliseconds of each request. */
  readonly times: readonly number[];
}

/** When a load is over: after so many milliseconds, or after so many requests. */
export type Extent = { readonly milliseconds: number } | { readonly requests: number };

/** Sends requests with these bodies in turn, each when its connection has its last answer, on so many connections. */
export const load = (url: URL, bodies: readonly string[], connections: number, extent: Extent): Promise<Load> =>
  loadPrepared(
    url,
    bodies.map((body) => prepare(url, body)),
    connections,
    extent,
  );

/** The same with requests that may go to several paths. */
export async function loadPrepared(
  url: URL,
  requests: readonly Prepared[],
  connections: number,
  extent: Extent,
): Promise<Load> {
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(url)));
  const times: number[] = [];
  let next = 0;
  const started = performance.now();
  const goesOn = (): boolean =>
    'requests' in extent ? next < extent.requests : performance.now() - started < extent.milliseconds;
  const work = async (connection: Connection): Promise<void> => {
    while (goesOn()) {
      const sent = performance.now();
      await connection.ask(requests[next++ % requests.length]!);
      times.push(performance.now() - sent);
    }
  };
  try {
    await Promise.all(open.map(work));
    return { perSecond: (times.length / (performance.now() - started)) * 1000, times };
  } finally {
    for (const connection of open) connection.close();
  }
}
