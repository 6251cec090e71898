/** A quantity over time (seconds since 1970): the same one at the same time, whoever asks. */
export type Signal = (seconds: number) => number;

/** 32 bits that belong to a text (FNV-1a). */
function hash(text: string): number {
  let bits = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) bits = Math.imul(bits ^ text.charCodeAt(i), 0x01000193);
  return bits >>> 0;
}

/** A number from 0 to 1 that belongs to a text and a number. */
function fraction(bits: number, at: number): number {
  let mixed = Math.imul(bits ^ at, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca77);
  return ((mixed ^ (mixed >>> 13)) >>> 0) / 2 ** 32;
}

const round = (seconds: number, period: number, phase: number): number =>
  Math.sin(2 * Math.PI * (seconds / period + phase));

/**
 * A signal between `low` and `high` that belongs to a key (an object's uuid and the name of what is measured): a slow
 * swing, a quicker one and a little noise, as busy things show.
 */
export function wave(key: string, low: number, high: number): Signal {
  const bits = hash(key);
  const [a, b, c, d] = [1, 2, 3, 4].map((n) => fraction(bits, n)) as [number, number, number, number];
  const [slow, quick] = [600 + 1800 * a, 40 + 80 * b];
  return (seconds) => {
    const swing = 0.5 + 0.28 * round(seconds, slow, c) + 0.14 * round(seconds, quick, d);
    return low + (high - low) * (swing + 0.08 * (2 * fraction(bits, Math.floor(seconds / 5)) - 1));
  };
}

/** How busy a thing is by its nature, from 0 to 1; most are not very busy. */
export const busyness = (uuid: string): number => fraction(hash(uuid), 0) ** 2;

export const steady =
  (value: number): Signal =>
  () =>
    value;

export const scaled =
  (signal: Signal, factor: number): Signal =>
  (seconds) =>
    factor * signal(seconds);

export const total =
  (signals: readonly Signal[]): Signal =>
  (seconds) =>
    signals.reduce((sum, signal) => sum + signal(seconds), 0);

export const mean = (signals: readonly Signal[]): Signal =>
  signals.length === 0 ? steady(0) : scaled(total(signals), 1 / signals.length);
