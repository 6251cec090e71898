/** Whether this is the long run: `npm run fuzz`. */
const long = process.env['FUZZ'] === 'long';

/** How fast-check is to run: always from the same seed, so that a failure is one again. */
export const runs = (quick: number, inTheLongRun: number): { readonly seed: number; readonly numRuns: number } => ({
  seed: 20_261_122,
  numRuns: long ? inTheLongRun : quick,
});
