import type { Ref } from '../xenapi/records.js';
import { NULL_REF } from '../xenapi/records.js';
import { messages as catalogue } from './catalogue.js';
import type { Clock } from './clock.js';
import type { Database } from './database.js';
import { dateText } from './decode.js';
import { XenApiFailure } from './failure.js';
import type { IdentitySource } from './identity.js';
import { blank } from './record.js';
import { holds, type Role } from './role.js';
import type { Settings, User } from './world.js';

/** A login while it lasts. */
export interface Session {
  readonly ref: Ref<'session'>;
  readonly user: User;
  readonly originator: string;
  /** The host that was logged into. */
  readonly host: Ref<'host'>;
  /** Made by slave_local_login_with_password: good on that host only, coordinator or not. */
  readonly local: boolean;
  /** Aborted when the session ends, for calls that wait under it. */
  readonly ended: AbortController;
  lastUsed: number;
}

/** A bucket of sessions and how many it may hold. */
interface Bucket {
  readonly name: string;
  readonly limit: number;
}

/** last_active is written at most so often (facts 1.6). */
const activityStep = 600_000;

/** Whether a session may do everything. */
export const isSuperuser = (session: Session): boolean => session.user.localSuperuser === true;

/** The directory's identifier of a user; empty for the local superuser. */
export const sidOf = (user: User): string =>
  user.localSuperuser === true
    ? ''
    : `S-1-5-21-3623811015-3361044348-30300820-${1100 + [...user.name].reduce((sum, c) => sum + c.charCodeAt(0), 0)}`;

/** The permissions for the HTTP handlers of images and machines, which an administrator of machines has. */
const handlers = ['export', 'export_metadata', 'export_raw_vdi', 'import', 'import_metadata', 'import_raw_vdi'].map(
  (name) => `http/${name.startsWith('export') ? 'get' : 'put'}_${name}`,
);

/** The names of all messages that a role may send, in lower case, as session.rbac_permissions has them. */
export const permissionsOf = (role: Role): readonly string[] =>
  [...catalogue.values()]
    .filter((m) => holds(role, m.role))
    .map((m) => m.name.toLowerCase())
    .concat(holds(role, 'vm-admin') ? handlers : [])
    .concat(holds(role, 'vm-operator') ? ['http/connect_console'] : [])
    .concat(holds(role, 'pool-admin') ? ['http/connect_console/host_console'] : [])
    .sort();

/** All logins: made, checked, ended, swept (facts 1.6). Neither they nor tasks outlive the coordinator's run. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #permissions = new Map<Role, readonly string[]>();
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #ids: IdentitySource;
  readonly #settings: Settings;

  constructor(db: Database, clock: Clock, ids: IdentitySource, settings: Settings) {
    [this.#db, this.#clock, this.#ids, this.#settings] = [db, clock, ids, settings];
  }

  get all(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  get(ref: string): Session | undefined {
    return this.#sessions.get(ref);
  }

  open(user: User, originator: string, host: Ref<'host'>, local = false): Session {
    const ref = this.#ids.ref() as Ref<'session'>;
    const now = this.#clock.now();
    const session: Session = { ref, user, originator, host, local, ended: new AbortController(), lastUsed: now };
    const sid = sidOf(user);
    const subject = this.#db.find('subject', (each) => sid !== '' && each.subject_identifier === sid);
    const record = blank('session', {
      uuid: this.#ids.uuid(),
      this_host: host,
      last_active: dateText(new Date(now)),
      validation_time: dateText(new Date(now)),
      is_local_superuser: user.localSuperuser === true,
      subject: subject?.[0] ?? NULL_REF,
      auth_user_sid: sid,
      auth_user_name: user.localSuperuser === true ? '' : user.name,
      rbac_permissions: user.localSuperuser === true ? [] : this.#permissionsOf(user.role),
      originator,
    });
    this.#sessions.set(ref, session);
    this.#db.insert('session', ref, record);
    return session;
  }

  /** The session behind a reference, which counts as used; else SESSION_INVALID [ref]. */
  use(ref: string): Session {
    const session = this.#sessions.get(ref);
    if (session === undefined) throw new XenApiFailure('SESSION_INVALID', ref);
    const now = this.#clock.now();
    if (now - session.lastUsed >= activityStep)
      this.#db.update('session', ref, { last_active: dateText(new Date(now)) });
    if (now - session.lastUsed >= activityStep) session.lastUsed = now;
    return session;
  }

  close(ref: string): void {
    const session = this.#sessions.get(ref);
    this.#sessions.delete(ref);
    this.#db.remove('session', ref);
    session?.ended.abort();
  }

  closeAll(): void {
    for (const ref of [...this.#sessions.keys()]) this.close(ref);
  }

  /** Ends what was not used for its life, then the oldest of each bucket that is too full. `busy` sessions do not time out. */
  sweep(busy: (session: Session) => boolean): void {
    const now = this.#clock.now();
    for (const session of this.all)
      if (now - session.lastUsed > this.#settings.sessionLife && !busy(session)) this.close(session.ref);
    const buckets = new Map<string, Session[]>();
    for (const session of this.all) {
      const { name } = this.#bucket(session);
      buckets.set(name, [...(buckets.get(name) ?? []), session]);
    }
    for (const sessions of buckets.values()) {
      const limit = this.#bucket(sessions[0] as Session).limit;
      const oldest = sessions.toSorted((a, b) => a.lastUsed - b.lastUsed);
      for (const session of oldest.slice(0, Math.max(0, sessions.length - limit))) this.close(session.ref);
    }
  }

  #bucket(session: Session): Bucket {
    const { perOriginator, perUser, rootWithoutOriginator } = this.#settings.sessionLimits;
    if (!isSuperuser(session)) return { name: `user ${session.user.name}`, limit: perUser };
    if (session.originator === '') return { name: 'root', limit: rootWithoutOriginator };
    return { name: `originator ${session.originator}`, limit: perOriginator };
  }

  #permissionsOf(role: Role): readonly string[] {
    const known = this.#permissions.get(role) ?? permissionsOf(role);
    this.#permissions.set(role, known);
    return known;
  }
}
