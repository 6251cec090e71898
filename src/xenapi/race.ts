/**
 * Tries all candidates, `atOnce` of them at a time, and gives the first that comes true; the others are aborted, and
 * what one of them reaches nevertheless goes to `late`. When all fail, throws the first one's error.
 */
export async function firstOf<C, T>(
  candidates: readonly C[],
  atOnce: number,
  attempt: (candidate: C, signal: AbortSignal) => Promise<T>,
  late: (result: T) => void,
): Promise<T> {
  const controller = new AbortController();
  const errors: unknown[] = [];
  let next = 0;
  let winner: { readonly result: T } | undefined;
  const lane = async (): Promise<void> => {
    while (!winner && next < candidates.length) {
      const index = next++;
      try {
        const result = await attempt(candidates[index]!, controller.signal);
        if (winner) return late(result);
        winner = { result };
      } catch (error) {
        errors[index] = error;
      }
    }
  };
  const lanes = Array.from({ length: Math.min(atOnce, candidates.length) }, lane);
  return new Promise<T>((resolve, reject) => {
    const settle = () => {
      if (!winner) return;
      resolve(winner.result);
      controller.abort();
    };
    for (const one of lanes) void one.then(settle);
    void Promise.all(lanes).then(() => {
      if (!winner) reject(errors.find((error) => error !== undefined) ?? new Error('there was nothing to try'));
    });
  });
}
