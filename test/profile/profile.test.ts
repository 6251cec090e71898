import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { profiles } from '../../src/mapping/profile.js';
import { type Client, connect } from './client.js';
import { dsp1033 } from './dsp1033.js';
import { dsp1041 } from './dsp1041.js';
import { dsp1042 } from './dsp1042.js';
import { dsp1043 } from './dsp1043.js';
import { dsp1044 } from './dsp1044.js';
import { dsp1045 } from './dsp1045.js';
import { dsp1047 } from './dsp1047.js';
import { dsp1050 } from './dsp1050.js';
import { dsp1052 } from './dsp1052.js';
import { dsp1053 } from './dsp1053.js';
import { dsp1057 } from './dsp1057.js';
import { dsp1059 } from './dsp1059.js';
import { dsp1076 } from './dsp1076.js';
import { dsp1081 } from './dsp1081.js';
import { dsp1097 } from './dsp1097.js';
import { dsp1103 } from './dsp1103.js';
import { describeProfile } from './walk.js';

/** Has a job done that comes to nothing, so that there is one: a machine that is halted cannot be paused. */
async function leaveJob(on: Client): Promise<void> {
  const machines = await on.enumerate('root/cimv2', 'Xen_ComputerSystem');
  const halted = machines.find(({ values }) => values.get('enabledstate') === '3')!;
  const quiesce = '<PARAMVALUE NAME="RequestedState" PARAMTYPE="uint16"><VALUE>9</VALUE></PARAMVALUE>';
  const ended = async () => {
    const [job] = await on.enumerate('root/cimv2', 'Xen_SystemStateChangeJob');
    return job?.values.get('jobstate');
  };
  expect(await on.methodRefusal(halted, 'RequestStateChange', quiesce)).toBeUndefined();
  await vi.waitUntil(async () => (await ended()) === '10', { timeout: 30_000 });
}

let client: Client;
beforeAll(async () => {
  client = await connect();
  await leaveJob(client);
});
afterAll(() => client?.end());

const specs = [
  dsp1033,
  dsp1041,
  dsp1042,
  dsp1043,
  dsp1044,
  dsp1045,
  dsp1047,
  dsp1050,
  dsp1052,
  dsp1053,
  dsp1057,
  dsp1059,
  dsp1076,
  dsp1081,
  dsp1097,
  dsp1103,
];

test('every registered profile is walked', () => {
  expect(specs.map(({ document }) => document)).toEqual(profiles.map(({ name }) => name));
});

for (const spec of specs) describeProfile(spec, () => client);
