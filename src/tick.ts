import { executionAsyncResource } from 'node:async_hooks';

/** What is to live as long as the process. */
const kept: object[] = [];

/**
 * Keeps one object of those that `process.nextTick` makes, and gives it. V8 forgets how objects are laid out when a
 * collection finds none of them alive; Node's code, whose ticks have computed names, then takes the slow way for good. A
 * GetInstance has seven ticks: that way took a twelfth of its processor time, from the first idle minute on.
 */
export function keepTick(): Promise<object> {
  return new Promise((resolve) => {
    process.nextTick(() => {
      const tick = executionAsyncResource();
      kept.push(tick);
      resolve(tick);
    });
  });
}
