import type { CimInstance } from '../cim/instance.js';
import type { CallValue } from '../xenapi/protocol.js';
import type { Records } from '../xenapi/records.js';
import { invalid } from './input.js';
import { integerIn, textIn } from './instance.js';
import { face } from './method.js';
import { ownPart } from './own-part.js';
import type { Machine, ResourceKind } from './resource.js';
import { Refusal, type ReturnCodes, serviceCodes, statelessCodes } from './return-code.js';
import type { Steps } from './steps.js';
import { bytesOfUnit } from './unit.js';

type Vm = Records['VM'];

/** In bytes: the size, and the range that it may be moved in. */
interface Wish {
  readonly size: bigint | undefined;
  readonly least: bigint | undefined;
  readonly most: bigint | undefined;
}

type Limits = Pick<Vm, 'memory_static_min' | 'memory_dynamic_min' | 'memory_dynamic_max' | 'memory_static_max'>;

const smallest = 4n << 20n;
/** The most that XenAPI has a number for. */
const largest = 2n ** 63n - 1n;

function wishOf(settings: CimInstance): Wish {
  const unit = bytesOfUnit(textIn(settings, 'AllocationUnits') ?? 'byte * 2^20');
  const bytes = (name: string): bigint | undefined => {
    const count = integerIn(settings, name);
    if (count === undefined) return undefined;
    const size = count * unit;
    if (size < smallest) invalid(`${name} of memory is 4 MiB at least, not ${size} bytes`);
    return size <= largest ? size : invalid(`${name} of memory is ${largest} bytes at most, not ${size}`);
  };
  const wish = { size: bytes('VirtualQuantity'), least: bytes('Reservation'), most: bytes('Limit') };
  if (wish.least !== undefined && wish.most !== undefined && wish.least > wish.most) {
    invalid('Reservation of memory may not exceed its Limit');
  }
  return wish;
}

const lower = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const higher = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/**
 * The limits that follow. The range goes with the size where it was as large as that; what is given for it counts, and
 * a size below it takes it along.
 */
function limitsOf({ size, least, most }: Wish, now: Limits): Limits {
  const { memory_static_max: was, memory_dynamic_min: low, memory_dynamic_max: high } = now;
  const top = higher(size ?? was, most ?? 0n);
  const dynamicMax = lower(most ?? (high === was ? top : high), top);
  const dynamicMin = lower(least ?? (low === was ? dynamicMax : low), dynamicMax);
  return {
    memory_static_min: lower(now.memory_static_min, dynamicMin),
    memory_dynamic_min: dynamicMin,
    memory_dynamic_max: dynamicMax,
    memory_static_max: top,
  };
}

const inOrder = (limits: Limits): readonly bigint[] => [
  limits.memory_static_min,
  limits.memory_static_max,
  limits.memory_dynamic_min,
  limits.memory_dynamic_max,
];

/** A running machine's memory moves within what it was started with. */
function liveRange(wish: Wish, now: Vm, codes: ReturnCodes): readonly [min: bigint, max: bigint] {
  const { memory_dynamic_min: low, memory_dynamic_max: high } = now;
  const max = wish.most ?? wish.size ?? high;
  const min = lower(wish.least ?? (low === high ? max : low), max);
  if (higher(max, wish.size ?? 0n) <= now.memory_static_max) return [min, max];
  throw new Refusal(
    codes.InvalidState,
    `${now.name_label} is ${now.power_state}: it cannot have more than ${now.memory_static_max} bytes of memory before it is halted`,
  );
}

async function apply(steps: Steps, { ref }: Machine, now: Vm, wish: Wish, codes: ReturnCodes): Promise<void> {
  if (now.power_state !== 'Halted') {
    const [min, max] = liveRange(wish, now, codes);
    const { memory_dynamic_min: low, memory_dynamic_max: high } = now;
    if (min === low && max === high) return;
    await steps.call('VM.set_memory_dynamic_range', ref, min, max);
    steps.undo('the new range of memory', 'VM.set_memory_dynamic_range', ref, low, high);
    return;
  }
  const [before, after] = [inOrder(now), inOrder(limitsOf(wish, now))];
  if (before.every((value, i) => value === after[i])) return;
  await steps.call('VM.set_memory_limits', ref, ...after);
  steps.undo('the new size of memory', 'VM.set_memory_limits', ref, ...before);
}

const messages = (now: Vm | undefined): readonly string[] => [
  now && now.power_state !== 'Halted' ? 'VM.set_memory_dynamic_range' : 'VM.set_memory_limits',
];

/** The limits of a machine before anybody said any. */
const none = {
  memory_static_min: smallest * 4n,
  memory_dynamic_min: 0n,
  memory_dynamic_max: 0n,
  memory_static_max: 0n,
};

export const memoryResource: ResourceKind = {
  add: (settings) => {
    const wish = wishOf(settings);
    if (wish.size === undefined && wish.most === undefined) invalid('memory wants a VirtualQuantity');
    return {
      needs: messages(undefined),
      tasks: 0,
      fields: (record): Record<string, CallValue> => ({ ...record, ...limitsOf(wish, none) }),
      apply: async (steps, machine) => {
        if (machine.record) await apply(steps, machine, machine.record, wish, statelessCodes);
        return face('Xen_MemorySettingData', machine.ref);
      },
    };
  },
  find: ownPart('memory'),
  modify: (settings, { machine }) => {
    const wish = wishOf(settings);
    if (machine.record.power_state !== 'Halted') liveRange(wish, machine.record, serviceCodes);
    return {
      needs: messages(machine.record),
      tasks: 0,
      apply: async (steps) => {
        await apply(steps, machine, machine.record, wish, serviceCodes);
        return face('Xen_MemorySettingData', machine.ref);
      },
    };
  },
  remove: () => invalid('a machine cannot be without memory: change its size instead'),
};
