/** What /rrd_updates answers, before it is written down; rows newest first (facts 4.1). */
export interface Export {
  readonly start: number;
  readonly step: number;
  readonly end: number;
  readonly legend: readonly string[];
  readonly rows: readonly { readonly t: number; readonly values: readonly number[] }[];
}

/**
 * How JSON is written: `text` every number as text (23.31 and later), `bare` numbers and NaN bare (7.x to 23.30),
 * `unquoted` the names of members bare as well (the oldest).
 */
export type JsonDialect = 'text' | 'bare' | 'unquoted';

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return value === 0 ? '0.0' : value.toFixed(4);
}

const escaped = (text: string): string => text.replace(/[<>&]/g, (c) => `&#${c.charCodeAt(0)};`);

export function writeXml({ start, step, end, legend, rows }: Export): string {
  const entries = legend.map((entry) => `<entry>${escaped(entry)}</entry>`).join('');
  const meta = `<start>${start}</start><step>${step}</step><end>${end}</end><rows>${rows.length}</rows><columns>${legend.length}</columns>`;
  const data = rows.map(
    ({ t, values }) => `<row><t>${t}</t>${values.map((value) => `<v>${numberText(value)}</v>`).join('')}</row>`,
  );
  return `<?xml version="1.0"?><xport><meta>${meta}<legend>${entries}</legend></meta><data>${data.join('')}</data></xport>`;
}

export function writeJson({ start, step, end, legend, rows }: Export, dialect: JsonDialect): string {
  const name = (text: string): string => (dialect === 'unquoted' ? text : `"${text}"`);
  const number = (text: string): string => (dialect === 'text' ? `"${text}"` : text);
  const counts = { start, step, end, rows: rows.length, columns: legend.length };
  const meta = Object.entries(counts).map(([key, value]) => `${name(key)}:${number(String(value))}`);
  const entries = legend.map((entry) => JSON.stringify(entry)).join(',');
  const data = rows.map(
    ({ t, values }) =>
      `{${name('t')}:${number(String(t))},${name('values')}:[${values.map((value) => number(numberText(value))).join(',')}]}`,
  );
  return `{${name('meta')}:{${meta.join(',')},${name('legend')}:[${entries}]},${name('data')}:[${data.join(',')}]}`;
}
