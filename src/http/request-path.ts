/** Paths that are pages of the bridge itself and never take a CIM operation, with what each is. */
export const ownPages = {
  '/healthz': 'whether the process lives',
  '/readyz': 'whether it can answer for the pool, and why not',
  '/metrics': 'figures for Prometheus',
} as const;

/**
 * The path of a request target: without query, scheme and authority (clients behind a proxy send the absolute form),
 * with runs of slashes taken for one and none at the end, so that `/cimom`, `//cimom` and `/cimom/` are the same.
 */
export function requestPath(target: string): string {
  if (target === '/cimom') return target;
  const local = /^[a-z][a-z0-9+.-]*:\/\//i.test(target)
    ? target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
    : target;
  const [path = ''] = local.split(/[?#]/, 1);
  const collapsed = path.replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1');
  return collapsed === '' ? '/' : collapsed;
}

/** Whether the target is one of the bridge's own pages. */
export const isOwnPage = (target: string): boolean => Object.hasOwn(ownPages, requestPath(target));
