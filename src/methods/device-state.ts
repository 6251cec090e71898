import type { Records, Ref } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { missing } from './input.js';
import type { Affected, Method, MethodCall, MethodTable, Plan } from './method.js';
import { notSupported, Refusal, stateCodes } from './return-code.js';
import { knownStates } from './service-state.js';
import { refusePeriod, unknownState } from './system-state.js';

type Device = 'VBD' | 'VIF' | 'PIF' | 'PBD';

interface Plug<C extends Device = any> {
  readonly of: C;
  /** Throws the return value for a transition that is not possible now. */
  readonly assert?: (record: Records[C], view: View) => void;
  readonly affects: (record: Records[C]) => Affected;
}

const plug = <C extends Device>(plug: Plug<C>): Plug<C> => plug;

function assertRunning({ VM }: { readonly VM: Ref<'VM'> }, view: View): void {
  const vm = view.get('VM', VM);
  if (vm?.power_state === 'Running') return;
  const message = `${vm?.name_label ?? 'the machine'} is ${vm?.power_state}: devices are plugged while it is Running`;
  throw new Refusal(stateCodes.InvalidState, message);
}

const disk = plug({ of: 'VBD', assert: assertRunning, affects: ({ VM }) => ({ VMs: [VM] }) });

/** What is plugged into something, and can be unplugged without being taken away. */
const plugs: Readonly<Record<string, Plug>> = {
  Xen_Disk: disk,
  Xen_DiskDrive: disk,
  Xen_NetworkPort: plug({ of: 'VIF', assert: assertRunning, affects: ({ VM }) => ({ VMs: [VM] }) }),
  Xen_HostNetworkPort: plug({ of: 'PIF', affects: ({ host, network }) => ({ hosts: [host], networks: [network] }) }),
  Xen_StorageConnection: plug({ of: 'PBD', affects: ({ host, SR }) => ({ hosts: [host], SRs: [SR] }) }),
};

const enabled = 2;
const disabled = 3;

/** Whether it is to be plugged or unplugged. */
function isWanted(call: MethodCall): boolean {
  const wanted =
    call.input.number('RequestedState') ?? missing('RequestedState', 'Enabled (2, to plug it in) or Disabled (3)');
  if (!(knownStates as readonly number[]).includes(wanted)) throw unknownState(wanted, knownStates);
  refusePeriod(call);
  if (wanted === enabled || wanted === disabled) return wanted === enabled;
  throw new Refusal(notSupported, `a device can be Enabled (2) or Disabled (3), not ${wanted}`);
}

/**
 * RequestStateChange of a device (CIM_EnabledLogicalElement): Enabled plugs it in, Disabled unplugs it (XenAPI VBD.plug
 * and the like). It stays what it is: a machine that starts has its devices plugged in again.
 */
const requestStateChange = ({ of, assert, affects }: Plug): Method => ({
  run: (call): Plan => {
    const wanted = isWanted(call);
    const { ref, record } = call.target;
    assert?.(record, call.view);
    if (record.currently_attached === wanted) return { returned: 0 };
    const message = `${of}.${wanted ? 'plug' : 'unplug'}`;
    return {
      job: 'Xen_SystemStateChangeJob',
      answers: 'done',
      subject: record.uuid,
      codes: stateCodes,
      needs: [message],
      affects: affects(record),
      run: async (steps) => {
        await steps.last(message, ref);
        return {};
      },
    };
  },
});

export const deviceStateMethods: MethodTable = Object.fromEntries(
  Object.entries(plugs).map(([cim, of]) => [cim, { RequestStateChange: requestStateChange(of) }]),
);
