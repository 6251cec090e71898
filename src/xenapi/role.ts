import { type Role, roles } from '../cim/principal.js';
import { XenApiError } from './error.js';
import { isNullRef } from './reference.js';

/** Calls in the session of the user who is asked about; the session's reference is put first. */
export type SessionCall = (method: string, ...params: readonly string[]) => Promise<unknown>;

/** Permissions of which each role is the lowest holder (XenAPI data model, roles of a message). */
const permissionOf: readonly (readonly [role: Role, permissions: readonly string[]])[] = [
  ['pool-admin', ['subject.create', 'pool.enable_external_auth']],
  ['pool-operator', ['host.disable', 'sr.create']],
  ['vm-power-admin', ['vm.pool_migrate', 'vm.start_on']],
  ['vm-admin', ['vm.create', 'vm.clone']],
  ['vm-operator', ['vm.start', 'vm.clean_shutdown']],
];

/** What a call gives, or undefined when the pool refuses it: an older release, a role that may not ask. */
async function asked<T>(call: Promise<unknown>, is: (value: unknown) => value is T): Promise<T | undefined> {
  try {
    const value = await call;
    return is(value) ? value : undefined;
  } catch (error) {
    if (error instanceof XenApiError && error.code !== 'SESSION_INVALID') return undefined;
    throw error;
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isTrue = (value: unknown): value is true => value === true;
const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText);

/** The greatest role whose permissions are all among these; a login that holds any role may read. */
export function roleFromPermissions(permissions: readonly string[]): Role {
  const held = new Set(permissions.map((permission) => permission.toLowerCase()));
  return permissionOf.find(([, wanted]) => wanted.every((permission) => held.has(permission)))?.[0] ?? 'read-only';
}

async function roleFromSubject(session: string, call: SessionCall): Promise<Role | undefined> {
  const subject = await asked(call('session.get_subject', session), isText);
  if (subject === undefined || isNullRef(subject)) return undefined;
  const refs = (await asked(call('subject.get_roles', subject), isTexts)) ?? [];
  const names = await Promise.all(refs.map((ref) => asked(call('role.get_name_label', ref), isText)));
  return roles.find((role) => names.includes(role));
}

const known = new Map<string, ReadonlySet<string>>();

/** One set for all sessions of the same permissions, which are about a thousand; the last few kinds are kept. */
function interned(permissions: readonly string[]): ReadonlySet<string> {
  const folded = permissions.map((permission) => permission.toLowerCase()).sort();
  const name = folded.join(' ');
  const found = known.get(name) ?? new Set(folded);
  known.delete(name);
  known.set(name, found);
  if (known.size > 16) known.delete(known.keys().next().value!);
  return found;
}

/** What a session may do: its role and, where the pool lists them, the messages that it may send, in lower case. */
export interface Rights {
  readonly role: Role;
  readonly permissions?: ReadonlySet<string>;
}

/**
 * What a session may do. Local root is no subject and holds all; for directory users the session lists the
 * permissions of all their groups together; where it does not, the roles of the subject itself count. What cannot be
 * found out is `read-only`, the least.
 */
export async function rightsOf(session: string, call: SessionCall): Promise<Rights> {
  if (await asked(call('session.get_is_local_superuser', session), isTrue)) return { role: 'pool-admin' };
  const permissions = await asked(call('session.get_rbac_permissions', session), isTexts);
  if (permissions && permissions.length > 0)
    return { role: roleFromPermissions(permissions), permissions: interned(permissions) };
  return { role: (await roleFromSubject(session, call)) ?? 'read-only' };
}
