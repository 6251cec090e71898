/** Where the client says what happened: pino's logger is one. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  debug(fields: object, message: string): void;
}

/** Says nothing. */
export const silent: Log = { info: () => {}, warn: () => {}, debug: () => {} };
