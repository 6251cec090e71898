import { XenApiError } from '../xenapi/error.js';
import { invalid, missing } from './input.js';
import type { Method, MethodCall } from './method.js';
import { poolCodes } from './return-code.js';
import { coordinatorOf } from './storage-connection.js';

/** A name, an address, or several divided by commas. */
const hostForm = /^[\w.:[\],-]{1,255}$/;

/** What the storage manager says where a question leaves open what it can list: the targets of a server, or its units. */
const listings: ReadonlySet<string> = new Set([
  'SR_BACKEND_FAILURE_96',
  'SR_BACKEND_FAILURE_107',
  'SR_BACKEND_FAILURE_87',
]);

function targetIn({ input }: MethodCall): Readonly<Record<string, string>> {
  const target = input.text('TargetHost')?.trim() ?? '';
  if (target === '') missing('TargetHost', 'the address of an iSCSI server');
  if (!hostForm.test(target)) invalid(`TargetHost wants an address; got "${target.slice(0, 100)}"`);
  const port = input.text('Port')?.trim() || '3260';
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
    invalid(`Port wants a number from 1 to 65535; got "${port.slice(0, 40)}"`);
  const targetIQN = input.text('TargetIQN')?.trim() ?? '';
  return { target, port, ...(targetIQN !== '' && { targetIQN }) };
}

/** The list in a failure; the failure itself where it holds none. */
function listed(reason: unknown): string {
  const text = reason instanceof XenApiError && listings.has(reason.code) ? reason.params[2] : undefined;
  if (text === undefined || !text.trimStart().startsWith('<')) throw reason;
  return text;
}

/** DiscoveriSCSITargetInfo: the targets of an iSCSI server, or the units of one, as XML (XenAPI SR.probe). */
export const discoverTargets: Method = {
  access: 'read',
  run: (call) => {
    const config = targetIn(call);
    return {
      job: 'Xen_Job',
      answers: 'done',
      subject: config['target'] ?? '',
      codes: poolCodes,
      needs: ['SR.probe'],
      run: async (steps) => {
        const asked = [coordinatorOf(call.view), config, 'lvmoiscsi', {}] as const;
        const found = await steps.task('SR.probe', ...asked).catch(listed);
        return { TargetInfo: String(found) };
      },
    };
  },
};
