import type { CimInstance } from '../cim/instance.js';
import type { CallValue } from '../xenapi/protocol.js';
import type { Records, Ref } from '../xenapi/records.js';
import { invalid } from './input.js';
import { integerIn, textIn } from './instance.js';
import { face } from './method.js';
import { ownPart } from './own-part.js';
import type { Machine, ResourceKind } from './resource.js';
import { Refusal, type ReturnCodes, serviceCodes, statelessCodes } from './return-code.js';
import { writeMap } from './setter.js';
import type { Steps } from './steps.js';

type Vm = Records['VM'];

/** How many processors a machine can have, how many it starts with, and its share of those of the host. */
interface Wish {
  readonly max: bigint | undefined;
  readonly start: bigint | undefined;
  readonly share: Readonly<Record<string, string>>;
}

const most = 4_096n;

function counted(name: string, count: bigint | undefined): bigint | undefined {
  if (count === undefined || (count >= 1n && count <= most)) return count;
  return invalid(`the processors' ${name} is from 1 to ${most}, not ${count}`);
}

/** XenAPI VM.VCPUs_params: weight 1 to 65535, cap in percent of one processor, 0 for none. */
function share(settings: CimInstance): Readonly<Record<string, string>> {
  const [weight, cap] = [integerIn(settings, 'Weight'), integerIn(settings, 'Limit')];
  if (weight !== undefined && (weight < 1n || weight > 65_535n)) invalid(`Weight is from 1 to 65535, not ${weight}`);
  return {
    ...(weight !== undefined && { weight: String(weight) }),
    ...(cap !== undefined && { cap: String(cap) }),
  };
}

function wishOf(settings: CimInstance): Wish {
  const units = textIn(settings, 'AllocationUnits')?.trim().toLowerCase();
  if (units !== undefined && !/^(?:count|processors?|virtual ?cpus?|vcpus?)?$/.test(units)) {
    invalid(`processors are counted ("count"), not measured in "${units.slice(0, 40)}"`);
  }
  const max = counted('VirtualQuantity', integerIn(settings, 'VirtualQuantity'));
  const start = counted('Reservation', integerIn(settings, 'Reservation'));
  if (max !== undefined && start !== undefined && start > max) {
    invalid(`Reservation (${start}) may not exceed VirtualQuantity (${max})`);
  }
  return { max, start, share: share(settings) };
}

/** The two numbers are set in the order in which neither ever exceeds the other. */
async function setCounts(steps: Steps, vm: Ref<'VM'>, now: Vm, max: bigint, start: bigint): Promise<void> {
  const set = async (field: 'VCPUs_max' | 'VCPUs_at_startup', value: bigint): Promise<void> => {
    if (now[field] === value) return;
    await steps.call(`VM.set_${field}`, vm, value);
    steps.undo(`the new ${field}`, `VM.set_${field}`, vm, now[field]);
  };
  if (max >= now.VCPUs_at_startup) await set('VCPUs_max', max);
  await set('VCPUs_at_startup', start);
  if (max < now.VCPUs_at_startup) await set('VCPUs_max', max);
}

/** A running machine gets or loses processors as it runs, up to as many as it can have. */
async function setLive(steps: Steps, vm: Ref<'VM'>, now: Vm, count: bigint): Promise<void> {
  if (count === now.VCPUs_at_startup) return;
  await steps.call('VM.set_VCPUs_number_live', vm, count);
  steps.undo('the new number of processors', 'VM.set_VCPUs_number_live', vm, now.VCPUs_at_startup);
}

/** How many a machine starts with when only the most that it can have is said: all, if it was all before. */
const followed = ({ VCPUs_max, VCPUs_at_startup }: Vm, max: bigint): bigint =>
  VCPUs_at_startup === VCPUs_max || VCPUs_at_startup > max ? max : VCPUs_at_startup;

async function apply(steps: Steps, { ref }: Machine, now: Vm, { max, start, share }: Wish): Promise<void> {
  if (now.power_state === 'Halted') {
    const top = max ?? (start !== undefined && start > now.VCPUs_max ? start : now.VCPUs_max);
    await setCounts(steps, ref, now, top, start ?? followed(now, top));
  } else {
    await setLive(steps, ref, now, start ?? max ?? now.VCPUs_at_startup);
  }
  await writeMap(steps, 'VM', 'VCPUs_params', ref, now.VCPUs_params, share, false);
}

/** Of a machine that runs, the number of processors it can have stands. */
function checkLive({ max, start }: Wish, now: Vm, codes: ReturnCodes): void {
  if (now.power_state === 'Halted') return;
  if ((max ?? start ?? 0n) <= now.VCPUs_max && (max === undefined || start === undefined)) return;
  throw new Refusal(
    codes.InvalidState,
    `${now.name_label} is ${now.power_state}: the number of processors that it can have is changed only while it is halted`,
  );
}

const messages = (now: Vm | undefined): readonly string[] =>
  now && now.power_state !== 'Halted' ? ['VM.set_VCPUs_number_live'] : ['VM.set_VCPUs_max', 'VM.set_VCPUs_at_startup'];

export const processorResource: ResourceKind = {
  add: (settings) => {
    const wish = wishOf(settings);
    if (wish.max === undefined && wish.start === undefined) invalid('processors want a VirtualQuantity');
    const count = wish.max ?? wish.start!;
    return {
      needs: messages(undefined),
      tasks: 0,
      fields: (record): Record<string, CallValue> => ({
        ...record,
        VCPUs_max: count,
        VCPUs_at_startup: wish.start ?? count,
        VCPUs_params: wish.share,
      }),
      apply: async (steps, machine) => {
        if (machine.record) {
          checkLive(wish, machine.record, statelessCodes);
          await apply(steps, machine, machine.record, wish);
        }
        return face('Xen_ProcessorSettingData', machine.ref);
      },
    };
  },
  find: ownPart('processor'),
  modify: (settings, { machine }) => {
    const wish = wishOf(settings);
    checkLive(wish, machine.record, serviceCodes);
    return {
      needs: messages(machine.record),
      tasks: 0,
      apply: async (steps) => {
        await apply(steps, machine, machine.record, wish);
        return face('Xen_ProcessorSettingData', machine.ref);
      },
    };
  },
  remove: () => invalid('a machine cannot be without processors: change their number instead'),
};
