/** A MOF file as it was read: `file` is the name that errors show. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

/** A place in a file; `offset` counts UTF-16 units from 0. */
export interface Place {
  readonly source: SourceText;
  readonly offset: number;
}

/** The line and column of a place, both from 1. */
export function lineAndColumn({ source, offset }: Place): { readonly line: number; readonly column: number } {
  const before = source.text.slice(0, offset);
  const line = before.split(/\r\n|\n|\r/).length;
  return { line, column: offset - Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) };
}

/** A fault in MOF text: `file:line:column: what is wrong and what was expected`. */
export class MofError extends Error {
  readonly file: string;
  readonly line: number;
  readonly column: number;

  constructor(place: Place, problem: string) {
    const { line, column } = lineAndColumn(place);
    super(`${place.source.file}:${line}:${column}: ${problem}`);
    this.name = 'MofError';
    this.file = place.source.file;
    this.line = line;
    this.column = column;
  }
}
