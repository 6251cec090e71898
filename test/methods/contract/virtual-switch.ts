import type { InstancePath } from '../../../src/cim/path.js';
import type { Records, Ref } from '../../../src/xenapi/records.js';
import { embedded, path, type Stage, settingPath, shown, uuidIn } from '../stage.js';
import { assertSeen } from './arrangement.js';
import type { Case, Row, Rows } from './row.js';

type Values = Parameters<typeof embedded>[1];

const at = path('Xen_VirtualSwitchManagementService', { Name: 'Xen Virtual Switch Management Service' });
const settings = (values: Values) => embedded('Xen_VirtualSwitchSettingData', values);
const port = (values: Values) => embedded('Xen_HostNetworkPortSettingData', values);
const settingsPath = (uuid: string) => settingPath(uuid, 'Xen_VirtualSwitchSettingData');
const switchPath = (uuid: string) => path('Xen_VirtualSwitch', { CreationClassName: 'Xen_VirtualSwitch', Name: uuid });

let tag = 1000;

/** A VLAN that no host has. */
const tagged = () => port({ Connection: ['eth1'], VlanTag: ++tag });

interface Switch {
  readonly ref: Ref<'network'>;
  readonly uuid: string;
}

async function fresh(on: Stage, ports: readonly ReturnType<typeof port>[] = []): Promise<Switch> {
  const SystemSettings = settings({ ElementName: 'inside' });
  const { output } = await on.invoke(at, 'DefineSystem', {
    SystemSettings,
    ...(ports.length > 0 && { ResourceSettings: ports }),
  });
  const uuid = uuidIn(output['ResultingSystem']);
  return { uuid, ref: on.db.byUuid('network', uuid)! };
}

const pifsOf = (on: Stage, { ref }: Switch): Records['PIF'][] =>
  on.db.need('network', ref).PIFs.map((pif) => on.db.need('PIF', pif));
const portPath = (on: Stage, pif: Records['PIF']): InstancePath =>
  path('Xen_HostNetworkPortSettingData', { InstanceID: `Xen:${on.db.need('host', pif.host).uuid}/${pif.uuid}` });
const physical = (on: Stage, device: string): Records['PIF'] =>
  on.one('PIF', (pif) => pif.device === device && pif.physical && !pif.management)[1];

const wrongPorts: readonly Case[] = (
  [
    ['an unknown port', [port({ Connection: ['eth9'], VlanTag: 5 })]],
    ['a tag that there is not', [port({ Connection: ['eth1'], VlanTag: 4095 })]],
    ['a single port without a tag', [port({ Connection: ['eth1'] })]],
    ['a bond with a tag', [port({ Connection: ['eth2,eth3'], VlanTag: 5 })]],
    ['no port', [port({ VlanTag: 5 })]],
    ['a disk', [embedded('Xen_DiskSettingData', { Connection: ['eth1'] })]],
  ] as const
).map(([what, ResourceSettings]) => ({ what, given: { ResourceSettings }, answers: 'INVALID_PARAMETER' }));

const defineSystem: Row = {
  ways: {
    'on a bond': {
      arrange: async (on) => {
        const bonds = on.db.refs('Bond');
        for (const bond of bonds) await on.connection.call('Bond.destroy', bond);
        await on.events.caughtUp(10_000);
        return {
          at,
          given: {
            SystemSettings: settings({ ElementName: 'bonded' }),
            ResourceSettings: [port({ Connection: ['eth2,eth3'] })],
          },
          seen: ({ output }) => {
            const { PIFs } = on.store.get('network', on.db.byUuid('network', uuidIn(output['ResultingSystem']))!)!;
            assertSeen(PIFs.length === on.db.count('host'));
          },
        };
      },
      gives: ['ResultingSystem'],
    },
  },
  arrange: (on) => ({
    at,
    given: {
      SystemSettings: settings({ ElementName: 'tagged', Description: 'made here', OtherConfig: ['a=b'] }),
      ResourceSettings: [tagged()],
    },
    seen: async ({ output }) => {
      assertSeen(shown(await on.get(output['ResultingSystem'] as InstancePath), 'ElementName') === 'tagged');
    },
  }),
  gives: ['ResultingSystem'],
  optional: ['ResourceSettings'],
  ignored: { ReferenceConfiguration: 'a switch is defined by settings alone: it is refused' },
  invalid: [
    {
      what: 'a switch without a name',
      given: { SystemSettings: settings({ Description: 'x' }) },
      answers: 'INVALID_PARAMETER',
    },
    {
      what: 'a reference',
      given: { ReferenceConfiguration: settingsPath('x') },
      answers: 'INVALID_PARAMETER or NOT_FOUND',
    },
    ...wrongPorts,
  ],
  wrongState: [
    {
      what: 'a VLAN that the hosts have already',
      arrange: async (on) => {
        const ResourceSettings = [tagged()];
        await fresh(on, ResourceSettings);
        return { at, given: { SystemSettings: settings({ ElementName: 'again' }), ResourceSettings } };
      },
      answers: 'ALREADY_EXISTS',
      says: /XenError:PIF_VLAN_EXISTS/,
    },
  ],
  refusedTo: 'vm-admin',
};

const destroySystem: Row = {
  arrange: async (on) => {
    const { uuid, ref } = await fresh(on, [tagged()]);
    return {
      at,
      given: { AffectedSystem: switchPath(uuid) },
      seen: () => assertSeen(on.store.get('network', ref) === undefined),
    };
  },
  invalid: [],
  wrongState: [
    {
      what: 'a switch that machines use',
      arrange: (on) => {
        const [, { network }] = on.one('VIF', (vif) => vif.currently_attached);
        return { at, given: { AffectedSystem: switchPath(on.db.need('network', network).uuid) } };
      },
      answers: '5',
    },
    {
      what: 'a switch that the hosts need',
      arrange: (on) => ({
        at,
        given: {
          AffectedSystem: switchPath(
            on.one('network', ({ name_label }) => name_label.startsWith('Host internal'))[1].uuid,
          ),
        },
      }),
      answers: '5',
    },
  ],
  refusedTo: 'vm-admin',
  remade: 'XenAPI has no way back for a VLAN that is destroyed: it is made anew',
};

const addResourceSettings: Row = {
  arrange: async (on) => {
    const { uuid, ref } = await fresh(on);
    return {
      at,
      given: { AffectedConfiguration: settingsPath(uuid), ResourceSettings: [tagged()] },
      seen: () => assertSeen(on.store.get('network', ref)!.PIFs.length === on.db.count('host')),
    };
  },
  gives: ['ResultingResourceSettings'],
  invalid: wrongPorts,
  wrongState: [
    {
      what: 'a switch that is connected already',
      arrange: async (on) => {
        const { uuid } = await fresh(on, [tagged()]);
        return { at, given: { AffectedConfiguration: settingsPath(uuid), ResourceSettings: [tagged()] } };
      },
      answers: 'ALREADY_EXISTS',
      says: /XenError:NETWORK_ALREADY_CONNECTED/,
    },
  ],
  refusedTo: 'vm-admin',
};

const removeResourceSettings: Row = {
  arrange: async (on) => {
    const made = await fresh(on, [tagged()]);
    return {
      at,
      given: { ResourceSettings: pifsOf(on, made).map((pif) => portPath(on, pif)) },
      seen: () => assertSeen(on.store.get('network', made.ref)!.PIFs.length === 0),
    };
  },
  invalid: [],
  wrongState: [
    {
      what: "a port of the host's own",
      arrange: (on) => ({ at, given: { ResourceSettings: [portPath(on, physical(on, 'eth1'))] } }),
      answers: '5',
    },
  ],
  refusedTo: 'vm-admin',
  remade: 'XenAPI has no way back for a VLAN that is destroyed: it is made anew',
};

const address = {
  IPConfigurationMode: 2,
  IPAddress: '192.0.2.77',
  IPSubnetMask: '255.255.255.0',
  ManagementPurpose: 'backup',
};

const modifyResourceSettings: Row = {
  arrange: async (on) => {
    const made = await fresh(on, [tagged()]);
    const [pif] = pifsOf(on, made);
    const InstanceID = String(portPath(on, pif!).keys[0]!.value);
    return {
      at,
      given: { ResourceSettings: [port({ InstanceID, ...address })] },
      seen: async () => assertSeen(shown(await on.get(portPath(on, pif!)), 'IPAddress') === '192.0.2.77'),
    };
  },
  gives: ['ResultingResourceSettings'],
  invalid: (
    [
      ['no InstanceID', {}],
      ['an unknown port', { InstanceID: 'Xen:x/y' }],
    ] as const
  )
    .map(([what, values]) => ({
      what,
      given: { ResourceSettings: [port({ ...address, ...values })] },
      answers: 'INVALID_PARAMETER',
    }))
    .concat(
      [
        ['a mode that there is not', { IPConfigurationMode: 9 }] as const,
        ['no address', { IPAddress: '192.0.2.999' }] as const,
        ['another VLAN', { VlanTag: 7 }] as const,
      ].map(([what, values]) => ({
        what,
        given: (call: { readonly given: Readonly<Record<string, unknown>> }) => {
          const [before] = call.given['ResourceSettings'] as ReturnType<typeof port>[];
          return {
            ResourceSettings: [port({ InstanceID: String(shown(before!, 'InstanceID')), ...address, ...values })],
          };
        },
        answers: 'INVALID_PARAMETER',
      })) as never,
    ),
  wrongState: [
    {
      what: 'the port that its host is managed through',
      arrange: (on) => {
        const [, pif] = on.one('PIF', ({ management }) => management);
        const InstanceID = String(portPath(on, pif).keys[0]!.value);
        return { at, given: { ResourceSettings: [port({ InstanceID, IPConfigurationMode: 0 })] } };
      },
      answers: 'FAILED',
      says: /XenError:PIF_IS_MANAGEMENT_INTERFACE/,
    },
  ],
  refusedTo: 'vm-admin',
};

const modifySystemSettings: Row = {
  arrange: async (on) => {
    const { uuid, ref } = await fresh(on);
    const values = { ElementName: 'DMZ', Description: 'new', OtherConfig: ['k=v'] };
    return {
      at,
      given: { SystemSettings: settings({ InstanceID: `Xen:${uuid}`, ...values }) },
      seen: () => {
        const { name_label, other_config } = on.store.get('network', ref)!;
        assertSeen(name_label === 'DMZ' && other_config['k'] === 'v');
      },
    };
  },
  invalid: (
    [
      ['settings without an InstanceID', { ElementName: 'x' }],
      ['an unknown switch', { InstanceID: 'Xen:nowhere', ElementName: 'x' }],
    ] as const
  ).map(([what, values]) => ({ what, given: { SystemSettings: settings(values) }, answers: 'INVALID_PARAMETER' })),
  wrongState: 'a switch can be named whatever state it is in',
  refusedTo: 'vm-admin',
};

/** Rows of the service that manages virtual switches. */
export const virtualSwitchRows: Rows = {
  Xen_VirtualSwitchManagementService: {
    DefineSystem: defineSystem,
    DestroySystem: destroySystem,
    AddResourceSettings: addResourceSettings,
    ModifyResourceSettings: modifyResourceSettings,
    RemoveResourceSettings: removeResourceSettings,
    ModifySystemSettings: modifySystemSettings,
  },
};
