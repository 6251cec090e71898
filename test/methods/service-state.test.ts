import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InstancePath } from '../../src/cim/path.js';
import { rows } from '../../src/mapping/index.js';
import { methods } from '../../src/methods/table.js';
import { server } from '../mapping/demo-engine.js';
import { type Stage, schemas, stage, systemPath, uuidIn } from './stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage();
  on.store.apply([{ of: 'server', ref: 'server', after: server }]);
});
afterAll(() => on.end());

const names = [...new Set(rows.elements.map(({ cim }) => cim))];
const derived = (from: string): readonly string[] =>
  names.filter((cim) => [...schemas.values()].some((schema) => schema.isA(cim, from)));
const first = async (className: string): Promise<InstancePath> => {
  const namespace = on.engine.classes('root/cimv2');
  const home = [...namespace].includes(className) ? 'root/cimv2' : 'root/interop';
  const [subject] = on.engine.enumerate(home, className);
  return on.engine.path(home, subject!);
};

describe('RequestStateChange', () => {
  const classes = derived('CIM_EnabledLogicalElement');

  test('every class that has it by the schema answers it', () => {
    expect(classes.filter((cim) => !methods[cim]?.['RequestStateChange'])).toEqual([]);
  });

  test.each(classes.filter((cim) => methods[cim]?.['RequestStateChange']?.declines))(
    '%s has no state of its own: 1, and why',
    async (className) => {
      const target = await first(className);
      const asked = (RequestedState: string) => on.invoke(target, 'RequestStateChange', { RequestedState });
      const why = methods[className]!['RequestStateChange']!.declines;
      expect(
        await on.messages(async () => {
          expect(await asked('3')).toEqual({ returned: 1, output: { Reason: why } });
          expect(await asked('60000')).toMatchObject({ returned: 5 });
        }),
      ).toEqual([]);
    },
  );
});

describe('StartService and StopService', () => {
  const classes = derived('CIM_Service');

  test('every service has both', () => {
    const lacking = classes.filter((cim) => !methods[cim]?.['StartService'] || !methods[cim]?.['StopService']);
    expect(lacking).toEqual([]);
  });

  test.each(classes)('%s is started already (0), and does not stop (1)', async (className) => {
    const target = await first(className);
    expect(await on.invoke(target, 'StartService')).toEqual({ returned: 0, output: {} });
    expect(await on.invoke(target, 'StopService')).toEqual({
      returned: 1,
      output: { Reason: expect.stringMatching(/neither stopped nor disabled/) },
    });
    expect((await on.refused(on.invoke(target, 'StopService', {}, 'reader'))).status).toBe('ACCESS_DENIED');
  });
});

describe('the other methods that say that there is nothing to be done', () => {
  const pools = [
    'CreateResourcePool',
    'CreateChildResourcePool',
    'AddResourcesToResourcePool',
    'RemoveResourcesFromResourcePool',
    'ChangeParentResourcePool',
  ];

  test.each(pools)('%s is 1 (DSP1041), without a call to the pool', async (name) => {
    const target = await first('Xen_StoragePoolManagementService');
    const messages = await on.messages(async () => {
      expect(await on.invoke(target, name)).toEqual({ returned: 1, output: { Reason: expect.any(String) } });
    });
    expect(messages).toEqual([]);
  });

  test('SetupKVPCommunication is done already, to any role', async () => {
    const [, { uuid }] = on.machine('Running');
    const messages = await on.messages(async () => {
      expect(await on.invoke(systemPath(uuid), 'SetupKVPCommunication', {}, 'reader')).toEqual({
        returned: 0,
        output: {},
      });
    });
    expect(messages).toEqual([]);
  });
});

describe('GetCentralInstances (CIM_RegisteredProfile, DSP1033)', () => {
  const profiles = derived('CIM_RegisteredProfile');

  test.each(profiles)('%s gives what Associators gives, to any role', async (className) => {
    const home = className === 'Xen_RegisteredProfile' ? 'root/interop' : 'root/cimv2';
    for (const subject of on.engine.enumerate(home, className)) {
      const target = on.engine.path(home, subject);
      const { returned, output } = await on.invoke(target, 'GetCentralInstances', {}, 'reader');
      expect(returned).toBe(0);
      const filter = { association: (name: string) => schemas.get(home)!.isA(name, 'CIM_ElementConformsToProfile') };
      const tied = [...on.engine.ties(home, subject, { ...filter, role: 'ConformantStandard' })];
      expect(output['CentralInstances']).toEqual(
        tied.map(({ other, otherNamespace }) => on.engine.path(otherNamespace, other)),
      );
    }
  });

  test('the host is what DSP1042 is about', async () => {
    const subject = [...on.engine.enumerate('root/interop', 'Xen_RegisteredProfile')].find(
      (each) => each.kind === 'row' && each.part.name === 'DSP1042',
    );
    const target = on.engine.path('root/interop', subject!);
    const { output } = await on.invoke(target, 'GetCentralInstances');
    const found = output['CentralInstances'] as unknown as InstancePath[];
    expect(found.map(uuidIn).sort()).toEqual(
      on.db
        .refs('host')
        .map((ref) => on.db.need('host', ref).uuid)
        .sort(),
    );
    expect(found.every(({ namespace }) => namespace === 'root/cimv2')).toBe(true);
    expect(await on.invoke(target, 'OpenConformantInstances')).toMatchObject({ returned: 1 });
  });
});
