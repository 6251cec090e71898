import type { Records } from '../../../src/xenapi/records.js';
import { type Stage, uuidIn } from '../stage.js';
import { assertSeen, drive as driveSettings, machineAt, managementService, memory, system } from './arrangement.js';
import type { Arrange, Case, Row, Rows } from './row.js';

type Device = 'VBD' | 'VIF' | 'PIF' | 'PBD';

/** The instance of a class whose path names this uuid. */
const faceOf = async (on: Stage, className: string, uuid: string) =>
  (await on.list(className)).find(({ path }) => JSON.stringify(path?.keys).includes(uuid))!.path!;

type Pick<C extends Device> = (on: Stage, record: Records[C]) => boolean;

const zero = '00000000000000.000000:000';

/** A device that is plugged into something and that nothing needs now. */
const arrangement =
  <C extends Device>(className: string, of: C, pick: Pick<C>): Arrange =>
  async (on) => {
    const [ref, record] = on.one(of, (each) => pick(on, each));
    if (!(record as Records['PBD']).currently_attached) await on.connection.call(`${of}.plug`, ref);
    await on.events.caughtUp(10_000);
    return {
      at: await faceOf(on, className, (record as Records['PBD']).uuid),
      given: { RequestedState: 3, TimeoutPeriod: zero },
      seen: () => assertSeen(!(on.store.get(of, ref) as Records['PBD']).currently_attached),
    };
  };

const invalid: readonly Case[] = [
  { what: 'an unknown state', given: { RequestedState: 77 }, answers: '5' },
  { what: 'a state that devices have not', given: { RequestedState: 9 }, answers: '1' },
  { what: 'a time limit', given: { TimeoutPeriod: '00000000000100.000000:000' }, answers: '4098' },
];

const halted = (className: string, of: 'VBD' | 'VIF', type?: string): readonly Case[] => [
  {
    what: 'a device of a machine that is halted',
    arrange: async (on) => {
      const [, { uuid }] = on.one(of, (device) => {
        const { power_state, is_a_template, is_a_snapshot } = on.db.need('VM', device.VM);
        const fits = type === undefined || ('type' in device && device.type === type);
        return fits && power_state === 'Halted' && !is_a_template && !is_a_snapshot;
      });
      return { at: await faceOf(on, className, uuid), given: { RequestedState: 2 } };
    },
    answers: '4097',
  },
];

const row = (arrange: Arrange, refusedTo: Row['refusedTo'], wrongState: Row['wrongState']): Row => ({
  arrange,
  optional: ['TimeoutPeriod'],
  invalid,
  wrongState,
  refusedTo,
});

const runs = (on: Stage, vm: Records['VBD']['VM']): boolean => {
  const { power_state, is_control_domain, guest_metrics } = on.db.need('VM', vm);
  return power_state === 'Running' && !is_control_domain && guest_metrics !== 'OpaqueRef:NULL';
};

const isDisk: Pick<'VBD'> = (on, { type, userdevice, VM }) => type === 'Disk' && userdevice !== '0' && runs(on, VM);
const isPort: Pick<'VIF'> = (on, { VM }) => runs(on, VM);

const isIdle: Pick<'PIF'> = (on, { physical, management, network }) => {
  const { VIFs } = on.db.need('network', network);
  return physical && !management && !VIFs.some((vif) => on.db.need('VIF', vif).currently_attached);
};

const isSpare: Pick<'PBD'> = (on, { SR }) => {
  const { VDIs, name_label } = on.db.need('SR', SR);
  const held = VDIs.some((vdi) => on.db.need('VDI', vdi).VBDs.some((vbd) => on.db.need('VBD', vbd).currently_attached));
  return !held && name_label !== '' && on.one('pool', () => true)[1].default_SR !== SR;
};

const lasts = 'a port and a connection can be plugged and unplugged in every state of the host that answers';

/** Drives of machines that are fully virtualized stay where they are; this machine is not. */
const drive: Arrange = async (on) => {
  const answer = await on.invoke(managementService, 'DefineSystem', {
    SystemSettings: system({ ElementName: 'with a drive', VirtualSystemType: 'DMTF:Xen:PV' }),
    ResourceSettings: [memory(256n), driveSettings],
  });
  await on.job(answer);
  const { ref } = machineAt(on, uuidIn(answer.output['ResultingSystem']));
  await on.connection.call('VM.start', ref, false, false);
  await on.events.caughtUp(10_000);
  return arrangement('Xen_DiskDrive', 'VBD', (_on, { VM }) => VM === ref)(on);
};

const fixedDrive: Case = {
  what: 'a drive of a machine that is fully virtualized',
  arrange: async (on) => {
    const [, { uuid }] = on.one('VBD', ({ type, currently_attached, VM }) => {
      return type === 'CD' && currently_attached && runs(on, VM) && on.db.need('VM', VM).domain_type === 'hvm';
    });
    return { at: await faceOf(on, 'Xen_DiskDrive', uuid), given: { RequestedState: 3 } };
  },
  answers: 'FAILED',
  says: /XenError:OPERATION_NOT_ALLOWED/,
};

/** Rows of devices that are plugged into something. */
export const deviceRows: Rows = {
  Xen_Disk: {
    RequestStateChange: row(arrangement('Xen_Disk', 'VBD', isDisk), 'vm-operator', halted('Xen_Disk', 'VBD', 'Disk')),
  },
  Xen_DiskDrive: {
    RequestStateChange: row(drive, 'vm-operator', [...halted('Xen_DiskDrive', 'VBD', 'CD'), fixedDrive]),
  },
  Xen_NetworkPort: {
    RequestStateChange: row(
      arrangement('Xen_NetworkPort', 'VIF', isPort),
      'vm-operator',
      halted('Xen_NetworkPort', 'VIF'),
    ),
  },
  Xen_HostNetworkPort: {
    RequestStateChange: row(arrangement('Xen_HostNetworkPort', 'PIF', isIdle), 'vm-admin', lasts),
  },
  Xen_StorageConnection: {
    RequestStateChange: row(arrangement('Xen_StorageConnection', 'PBD', isSpare), 'vm-admin', lasts),
  },
};
