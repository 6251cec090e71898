import type { Settings, User } from './world.js';

/** The users of every simulated pool: name, password, role. */
export const defaultUsers: readonly User[] = [
  { name: 'root', password: 'xenroot', role: 'pool-admin', localSuperuser: true },
  { name: 'operator', password: 'operator', role: 'vm-operator' },
  { name: 'reader', password: 'reader', role: 'read-only' },
];

const hour = 3_600_000;

/** What real hosts do, but for the time that a refused login takes. */
export const defaultSettings: Settings = {
  loginDelay: 0,
  eventDelay: { before: 50, between: 50 },
  operationWait: 2 * hour,
  operationWaiters: 100,
  guestPatience: 1_200_000,
  sessionLife: 24 * hour,
  sessionLimits: { perOriginator: 500, perUser: 500, rootWithoutOriginator: 400 },
  sweepInterval: 120_000,
  users: defaultUsers,
};
