import { path, type Stage } from '../stage.js';
import type { Row, Rows } from './row.js';

const consoleAt = (on: Stage, state: 'Running') => {
  const [, { uuid, consoles }] = on.one('VM', ({ power_state, is_control_domain, consoles: [first] }) => {
    return power_state === state && !is_control_domain && !!first && on.db.need('console', first).location !== '';
  });
  return path('Xen_Console', {
    CreationClassName: 'Xen_Console',
    DeviceID: `Xen:${uuid}/${on.db.need('console', consoles[0]!).uuid}`,
    SystemCreationClassName: 'Xen_ComputerSystem',
    SystemName: uuid,
  });
};

const login: Row = {
  arrange: (on) => ({ at: consoleAt(on, 'Running'), given: {} }),
  gives: ['SessionIdentifier'],
  invalid: [],
  wrongState:
    'a machine without a screen has no console; where its host does not serve it yet, that is a test of its own',
  refusedTo: 'reader',
};

const logout: Row = {
  arrange: async (on) => {
    const at = consoleAt(on, 'Running');
    const { output } = await on.invoke(at, 'Login');
    return { at, given: { SessionIdentifier: String(output['SessionIdentifier']) } };
  },
  invalid: [{ what: 'a session of nobody', given: { SessionIdentifier: 'OpaqueRef:x' }, answers: '2' }],
  wrongState: 'a session that was given can be given back in every state of the machine',
  refusedTo: 'reader',
};

/** Rows of consoles. */
export const consoleRows: Rows = { Xen_Console: { Login: login, Logout: logout } };
