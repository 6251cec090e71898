import type { CimInstance } from '../cim/instance.js';
import type { CimValue } from '../cim/value.js';
import type { CallValue } from '../xenapi/protocol.js';
import { NULL_REF, type Records, type Ref } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { invalid } from './input.js';
import { valueIn } from './instance.js';
import { mapOf, writeMap } from './setter.js';
import type { Steps } from './steps.js';

type Vm = Records['VM'];

/** A field of a machine that a property of its settings is. */
interface Plain {
  readonly field: keyof Vm & string;
  readonly read: (value: CimValue, view: View) => CallValue;
}

/** A map of which the property shows the entries. `whole`: what is not named goes. */
interface Entries {
  readonly map: keyof Vm & string;
  readonly whole: boolean;
}

const text = (field: keyof Vm & string): Plain => ({ field, read: (value) => String(value) });

/** The members of a XenAPI enumeration by the values of a property; a value without one cannot be had. */
function choice(field: keyof Vm & string, name: string, members: Readonly<Record<number, string>>): Plain {
  const wanted = Object.keys(members).join(', ');
  return {
    field,
    read: (value) => members[Number(value)] ?? invalid(`${name} can be ${wanted} here, not ${String(value)}`),
  };
}

function hostOf(value: CimValue, view: View): CallValue {
  const uuid = String(value);
  if (uuid === '') return NULL_REF;
  return view.byUuid('host', uuid) ?? invalid(`HostAffinity: the pool has no host ${uuid.slice(0, 60)}`);
}

function multiplier(value: CimValue): CallValue {
  const factor = Number(value);
  return factor >= 1 ? factor : invalid(`HVM_ShadowMultiplier is 1 or more, not ${factor}`);
}

/** The properties of Xen_ComputerSystemSettingData that can be written, and what each is at the pool. */
const properties: Readonly<Record<string, Plain | Entries>> = {
  ElementName: text('name_label'),
  Description: text('name_description'),
  PV_Kernel: text('PV_kernel'),
  PV_RAMDisk: text('PV_ramdisk'),
  PV_Args: text('PV_args'),
  PV_Legacy_Args: text('PV_legacy_args'),
  PV_Bootloader: text('PV_bootloader'),
  PV_Bootloader_Args: text('PV_bootloader_args'),
  HVM_Boot_Policy: text('HVM_boot_policy'),
  HVM_Boot_Params: { map: 'HVM_boot_params', whole: true },
  HVM_ShadowMultiplier: { field: 'HVM_shadow_multiplier', read: multiplier },
  Platform: { map: 'platform', whole: true },
  AutomaticStartupAction: choice('actions_after_reboot', 'AutomaticStartupAction', {
    2: 'destroy',
    3: 'restart',
    4: 'restart',
  }),
  AutomaticShutdownAction: choice('actions_after_shutdown', 'AutomaticShutdownAction', { 2: 'destroy', 4: 'destroy' }),
  AutomaticRecoveryAction: choice('actions_after_crash', 'AutomaticRecoveryAction', { 2: 'destroy', 3: 'restart' }),
  HostAffinity: { field: 'affinity', read: hostOf },
  Other_Config: { map: 'other_config', whole: false },
  Xenstore_Data: { map: 'xenstore_data', whole: true },
};

/** The names of the properties that can be written. */
export const writableSettings = Object.keys(properties);

/** `dc` alone, as old clients write it, is the order of the boot devices. */
const entry = (name: string, item: unknown): string =>
  name === 'HVM_Boot_Params' && /^[a-z]+$/.test(String(item)) ? `order=${item}` : String(item);

const entriesOf = (name: string, value: CimValue): Readonly<Record<string, string>> =>
  mapOf(
    name,
    (Array.isArray(value) ? value : [value]).map((item) => entry(name, item)),
  );

interface Wanted {
  readonly name: string;
  readonly how: Plain | Entries;
  readonly value: CimValue;
}

function wanted(settings: CimInstance): readonly Wanted[] {
  return Object.entries(properties).flatMap(([name, how]) => {
    const value = valueIn(settings, name);
    return value === undefined || value === null ? [] : [{ name, how, value }];
  });
}

/** What settings say of a new machine, for XenAPI VM.create. Throws INVALID_PARAMETER for what cannot be. */
export function recordOf(settings: CimInstance, view: View): Record<string, CallValue> {
  return Object.fromEntries(
    wanted(settings).map(({ name, how, value }) =>
      'map' in how ? [how.map, entriesOf(name, value)] : [how.field, how.read(value, view)],
    ),
  );
}

/** One change of a machine's settings, checked; `apply` makes it. */
export interface SettingChange {
  readonly message: string;
  apply(steps: Steps, vm: Ref<'VM'>, now: Vm): Promise<void>;
}

function changeOf({ name, how, value }: Wanted, view: View): SettingChange {
  if ('map' in how) {
    const entries = entriesOf(name, value);
    return {
      message: `VM.add_to_${how.map}`,
      apply: (steps, vm, now) =>
        writeMap(steps, 'VM', how.map, vm, now[how.map] as Readonly<Record<string, string>>, entries, how.whole),
    };
  }
  const message = `VM.set_${how.field}`;
  const argument = how.read(value, view);
  return {
    message,
    apply: async (steps, vm, now) => {
      const before = now[how.field] as CallValue;
      if (before === argument) return;
      await steps.call(message, vm, argument);
      steps.undo(`the new ${name}`, message, vm, before);
    },
  };
}

/** The changes that settings ask for, each checked before the first is made. */
export const changesOf = (settings: CimInstance, view: View): readonly SettingChange[] =>
  wanted(settings).map((each) => changeOf(each, view));

/** Makes changes one after the other; each is undone should a later one fail. */
export async function applyChanges(
  steps: Steps,
  vm: Ref<'VM'>,
  now: Vm,
  changes: readonly SettingChange[],
): Promise<void> {
  for (const change of changes) await change.apply(steps, vm, now);
}
