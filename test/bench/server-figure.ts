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
