import { NULL_REF } from '../xenapi/records.js';
import { EPOCH } from './default-value.js';

const blob = [false] as const;

/**
 * The values of trailing arguments that may be left out, by message; such a message ignores surplus arguments. Every
 * other message takes exactly its parameters. facts/xenapi.md 1.5.
 */
export const defaultArguments: Readonly<Record<string, readonly unknown[]>> = {
  'session.login_with_password': ['1.1', ''],
  'VM.snapshot': [[]],
  'VM.migrate_send': [{}],
  'VM.assert_can_migrate': [{}],
  'VM.create_new_blob': blob,
  'host.create_new_blob': blob,
  'network.create_new_blob': blob,
  'pool.create_new_blob': blob,
  'SR.create_new_blob': blob,
  'VDI.snapshot': [{}],
  'VDI.clone': [{}],
  'VDI.copy': [NULL_REF, NULL_REF, NULL_REF],
  'VDI.introduce': [{}, {}, true, 0n, 0n, NULL_REF, false, EPOCH, NULL_REF],
  'Bond.create': ['balance-slb', {}],
  'SR.create': [{}],
  'SR.make': [{}],
  'SR.probe': [{}],
  'PIF.introduce': [true],
  'host.evacuate': [NULL_REF, 0n],
  'blob.create': [false],
};
