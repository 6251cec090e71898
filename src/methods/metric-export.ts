/** One row of an export, `<row><t>seconds</t><v>…</v>…</row>`, newest first (XenAPI /rrd_updates). */
const row = /<row>\s*<t>\s*(\d+)[^<]*<\/t>[\s\S]*?<\/row>\s*/g;

const counted = (text: string, name: string, value: number): string =>
  text.replace(new RegExp(`<${name}>[^<]*</${name}>`), `<${name}>${value}</${name}>`);

/** Whether a text is what XenAPI exports measured values as. */
export const isExport = (text: string): boolean => /<xport>[\s\S]*<\/xport>\s*$/.test(text);

/** An export without the rows that are younger than `end` (seconds since 1970): a host can only be told where to begin. */
export function exportUntil(text: string, end: number): string {
  let rows = 0;
  let newest: number | undefined;
  const kept = text.replace(row, (whole, seconds: string) => {
    const time = Number(seconds);
    if (time > end) return '';
    newest = Math.max(newest ?? time, time);
    rows += 1;
    return whole;
  });
  return counted(newest === undefined ? kept : counted(kept, 'end', newest), 'rows', rows);
}
