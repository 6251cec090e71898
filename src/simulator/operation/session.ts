import type { Ref } from '../../xenapi/records.js';
import { XenApiFailure } from '../failure.js';
import { type Role, roles, roleUuids } from '../role.js';
import { isSuperuser, permissionsOf, type Session, sidOf } from '../session.js';
import type { Call, HandlerTable, User } from '../world.js';

/** The user of a name and password; a refusal takes its time (facts 0.8, 1.6). */
async function authenticate({ world }: Call, name: string, password: string): Promise<User> {
  const user = world.settings.users.find((each) => each.name === name && each.password === password);
  if (user !== undefined) return user;
  await world.clock.sleep(world.settings.loginDelay);
  throw new XenApiFailure('SESSION_AUTHENTICATION_FAILED', name, 'Authentication failure');
}

/** XenAPI session.login_with_password: a member never lets anybody in (facts 1.6). */
async function login(
  call: Call,
  name: string,
  password: string,
  _version: string,
  originator: string,
): Promise<string> {
  const { world } = call;
  if (call.host !== world.coordinator())
    throw new XenApiFailure('HOST_IS_SLAVE', world.db.need('host', world.coordinator()).address);
  const user = await authenticate(call, name, password);
  return world.sessions.open(user, originator, world.coordinator()).ref;
}

async function localLogin(call: Call, name: string, password: string): Promise<string> {
  const user = await authenticate(call, name, password);
  if (user.localSuperuser !== true)
    throw new XenApiFailure('SESSION_AUTHENTICATION_FAILED', name, 'Authentication failure');
  return call.world.sessions.open(user, '', call.host, true).ref;
}

const directoryUsers = ({ world }: Call): readonly Session[] => world.sessions.all.filter((each) => !isSuperuser(each));

/** The role of a role record's reference. */
const roleOf = (ref: string): Role | undefined => roles.find((role) => ref === `OpaqueRef:${roleUuids[role]}`);

function permissionsOfRole(call: Call, ref: Ref<'role'>): readonly string[] {
  call.world.db.need('role', ref);
  const role = roleOf(ref);
  return role === undefined ? [] : permissionsOf(role);
}

function addRole({ world: { db } }: Call, self: Ref<'subject'>, role: Ref<'role'>): void {
  const { roles: now } = db.need('subject', self);
  db.need('role', role);
  if (now.includes(role)) throw new XenApiFailure('ROLE_ALREADY_EXISTS');
  db.update('subject', self, { roles: [...now, role] });
}

function removeRole({ world: { db } }: Call, self: Ref<'subject'>, role: Ref<'role'>): void {
  const { roles: now } = db.need('subject', self);
  if (!now.includes(role)) throw new XenApiFailure('ROLE_NOT_FOUND');
  db.update('subject', self, { roles: now.filter((each) => each !== role) });
}

function subjectPermissions(call: Call, self: Ref<'subject'>): string[] {
  const refs = call.world.db.need('subject', self).roles;
  return [...new Set(refs.flatMap((ref) => permissionsOfRole(call, ref)))].sort();
}

/** The messages of classes session, subject and role (facts 1.6). */
export const sessionHandlers: HandlerTable = {
  'session.login_with_password': login,
  'session.slave_local_login_with_password': localLogin,
  'session.logout': ({ world, session }: Call) => world.sessions.close((session as Session).ref),
  'session.local_logout': ({ world, session }: Call) => world.sessions.close((session as Session).ref),
  'session.get_all_subject_identifiers': (call: Call) => [...new Set(directoryUsers(call).map((s) => sidOf(s.user)))],
  'session.logout_subject_identifier': (call: Call, sid: string) => {
    for (const { ref, user } of directoryUsers(call)) if (sidOf(user) === sid) call.world.sessions.close(ref);
  },
  'subject.add_to_roles': addRole,
  'subject.remove_from_roles': removeRole,
  'subject.get_permissions_name_label': subjectPermissions,
  'role.get_permissions_name_label': permissionsOfRole,
};
