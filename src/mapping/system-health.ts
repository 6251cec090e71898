import { label } from '../provider/codec.js';
import type { Records } from '../xenapi/records.js';

type Vm = Records['VM'];

/** What tells of a machine's health beside its record. */
export const healthReads = { alerts: ['<message.obj_uuid'], pool: ['@pool'] } as const;

interface Told {
  readonly metrics: Records['VM_metrics'] | undefined;
  readonly alerts: readonly Records['message'][];
  readonly pool: Records['pool'] | undefined;
}

type Trouble = 'crashed' | 'given up' | 'down';

/** The messages that tell of trouble which lasts until the machine is started again, or the message is dismissed. */
const reports: ReadonlyMap<string, Trouble> = new Map([
  ['VM_CRASHED', 'crashed'],
  ['HA_PROTECTED_VM_RESTART_FAILED', 'given up'],
]);

const shown: Readonly<Record<Trouble, { readonly health: string; readonly text: string }>> = {
  crashed: { health: 'Major failure', text: 'The virtual machine has crashed' },
  'given up': { health: 'Major failure', text: 'High availability could not start the virtual machine again' },
  down: {
    health: 'Degraded/Warning',
    text: 'High availability is to keep the virtual machine running, but it is halted',
  },
};

function troubleOf(vm: Vm, { metrics, alerts, pool }: Told): Trouble | undefined {
  let last: Records['message'] | undefined;
  for (const alert of alerts) {
    if (alert.cls !== 'VM' || !reports.has(alert.name) || alert.timestamp <= (metrics?.start_time ?? '')) continue;
    if (last === undefined || alert.timestamp > last.timestamp) last = alert;
  }
  if (last) return reports.get(last.name);
  return pool?.ha_enabled && vm.ha_always_run && vm.power_state === 'Halted' ? 'down' : undefined;
}

/** The health of a machine that is in trouble, whatever state it is in. */
export const troubledHealth = {
  labels: [...new Set(Object.values(shown).map(({ health }) => health))],
  of: (vm: Vm, told: Told) => {
    const trouble = troubleOf(vm, told);
    return trouble && label(shown[trouble].health);
  },
};

/** What its trouble is, in a sentence; NULL without any. */
export const troubleText = {
  calc: (vm: Vm, told: Told): readonly string[] | null => {
    const trouble = troubleOf(vm, told);
    return trouble ? [shown[trouble].text] : null;
  },
};
