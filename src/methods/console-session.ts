import { CimError } from '../cim/error.js';
import { toCimError, XenApiError } from '../xenapi/error.js';
import type { Records } from '../xenapi/records.js';
import { missing } from './input.js';
import type { Method, MethodCall, MethodTable } from './method.js';
import { Refusal, serviceCodes } from './return-code.js';

/** Whether the console can be reached: as long as the machine's domain is there and the host serves it. */
function assertOpen({ target, view }: MethodCall): void {
  const { VM, location } = target.record as Records['console'];
  const vm = view.get('VM', VM);
  const live = vm?.power_state === 'Running' || vm?.power_state === 'Paused';
  if (live && location !== '') return;
  const why = live ? 'its host does not serve the console yet' : `it is ${vm?.power_state}, and has no screen`;
  throw new Refusal(serviceCodes.Failed, `${vm?.name_label ?? 'the machine'}: ${why}`);
}

/** What the role of who opens a console has to allow; that of a host's own domain is a console of the host. */
const opening = (vm: Records['VM'] | undefined): string =>
  vm?.is_control_domain ? 'http/connect_console/host_console' : 'http/connect_console';

/**
 * Login: gives the user the own session of the pool, with which the address in Xen_ConsoleSettingData.URI lets a
 * console be opened (HTTP CONNECT, `session_id`). It is good for ten minutes or until Logout; a console that is open
 * then stays open.
 */
const login: Method = {
  run: (call) => {
    assertOpen(call);
    const { caller, lent } = call;
    if (caller.origin === 'configured')
      throw new CimError(
        'ACCESS_DENIED',
        `${caller.name} is a user of this server alone, and has no session of the pool`,
      );
    const needed = opening(call.view.get('VM', (call.target.record as Records['console']).VM));
    if (!lent.permits(caller, needed))
      throw toCimError(new XenApiError('RBAC_PERMISSION_DENIED', [needed, `the role is ${caller.role}`]));
    const SessionIdentifier = lent.lend(caller);
    if (SessionIdentifier === undefined)
      throw new CimError('FAILED', 'your session with the pool has ended: send the request again');
    return { returned: 0, output: { SessionIdentifier } };
  },
};

/** Logout: ends a session that Login gave this user. */
const logout: Method = {
  run: ({ input, caller, lent }) => {
    const session = input.text('SessionIdentifier') ?? missing('SessionIdentifier', 'what Login gave');
    if (lent.giveBack(caller.name, session.trim())) return { returned: 0 };
    throw new Refusal(serviceCodes.Failed, 'SessionIdentifier: you were given no such session, or it has ended');
  },
};

export const consoleMethods: MethodTable = { Xen_Console: { Login: login, Logout: logout } };
