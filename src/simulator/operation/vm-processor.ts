import type { Records, Ref } from '../../xenapi/records.js';
import { refuse } from '../failure.js';
import { memoryOverhead } from '../memory.js';
import type { Call, HandlerTable } from '../world.js';
import { spend } from './during.js';
import { onVm } from './vm-power.js';

type Vm = Ref<'VM'>;
type Counts = Pick<Records['VM'], 'VCPUs_max' | 'VCPUs_at_startup'>;

/** Processors that the hypervisor gives one machine at most. */
const most = 254n;

/** 1 <= at_startup <= max <= 254, else INVALID_VALUE [text, n] (facts 5.3). */
function assertCounts({ VCPUs_max, VCPUs_at_startup }: Counts, value: bigint): void {
  if (VCPUs_max > most) refuse('INVALID_VALUE', `VCPUs-max must not exceed ${most}`, String(value));
  if (VCPUs_at_startup < 1n || VCPUs_at_startup > VCPUs_max)
    refuse('INVALID_VALUE', 'VCPUs-at-startup must be from 1 to VCPUs-max', String(value));
}

const setter =
  (field: keyof Counts) =>
  (call: Call, ref: Vm, value: bigint): Promise<void> =>
    onVm(call, ref, 'changing_VCPUs', () => {
      const { db } = call.world;
      const wanted = { ...db.need('VM', ref), [field]: value } as Records['VM'];
      assertCounts(wanted, value);
      db.update('VM', ref, { [field]: value, memory_overhead: memoryOverhead(wanted) });
    });

/** XenAPI VM.set_VCPUs_number_live: processors come and go in a running machine whose guest can follow. */
const setNumber = (call: Call, ref: Vm, value: bigint): Promise<void> =>
  onVm(call, ref, 'changing_VCPUs_live', async () => {
    const { db, clock } = call.world;
    const { VCPUs_max, metrics } = db.need('VM', ref);
    if (value < 1n || value > VCPUs_max)
      refuse('INVALID_VALUE', 'VCPU values must satisfy: 0 < VCPUs <= VCPUs_max', String(value));
    await spend(call);
    const flags = Object.fromEntries(Array.from({ length: Number(value) }, (_, i) => [String(i), ['online']]));
    db.update('VM_metrics', metrics, { VCPUs_number: value, VCPUs_flags: flags, last_updated: clock.text() });
    db.update('VM', ref, { VCPUs_at_startup: value });
  });

/** The messages about a machine's processors (facts 5.3). */
export const vmProcessorHandlers: HandlerTable = {
  'VM.set_VCPUs_max': setter('VCPUs_max'),
  'VM.set_VCPUs_at_startup': setter('VCPUs_at_startup'),
  'VM.set_VCPUs_number_live': setNumber,
  'VM.add_to_VCPUs_params_live': (call: Call, ref: Vm, key: string, value: string) =>
    onVm(call, ref, 'changing_VCPUs_live', () => {
      const { VCPUs_params } = call.world.db.need('VM', ref);
      call.world.db.update('VM', ref, { VCPUs_params: { ...VCPUs_params, [key]: value } });
    }),
};
