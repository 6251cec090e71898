import { systemPath } from '../stage.js';
import { fresh } from './arrangement.js';
import type { Row, Rows } from './row.js';

const period = '00000000000010.000000:000';

const requestStateChange: Row = {
  arrange: async (on) => {
    const { uuid, ref } = await fresh(on);
    return {
      at: systemPath(uuid),
      given: { RequestedState: 2, TimeoutPeriod: '00000000000000.000000:000' },
      seen: () => {
        const { power_state } = on.store.get('VM', ref)!;
        if (power_state !== 'Running') throw new Error(`the next read sees that it is ${power_state}`);
      },
    };
  },
  answers: '4096',
  optional: ['TimeoutPeriod'],
  invalid: [
    { what: 'an unknown state', given: { RequestedState: 999 }, answers: '5' },
    { what: 'a state beyond its type', given: { RequestedState: 70_000 }, answers: 'INVALID_PARAMETER' },
    { what: 'a time limit', given: { TimeoutPeriod: period }, answers: '4098' },
  ],
  wrongState: [
    { what: 'shutting down what is halted', given: { RequestedState: 4 }, answers: '4096 4097', says: /is Halted/ },
    { what: 'a state that no machine has', given: { RequestedState: 7 }, answers: '4096 4097' },
  ],
  refusedTo: 'reader',
};

const setupPairs: Row = {
  arrange: (on) => ({ at: systemPath(on.machine('Running')[1].uuid), given: {} }),
  invalid: [],
  wrongState: 'there is nothing to be done in any state',
  refusedTo: { nobody: 'it does nothing' },
};

/** Rows of virtual systems themselves. */
export const systemStateRows: Rows = {
  Xen_ComputerSystem: { RequestStateChange: requestStateChange, SetupKVPCommunication: setupPairs },
};
