import type { IncomingMessage } from 'node:http';
import { holds, type Role } from './role.js';
import type { User, World } from './world.js';

/** The parameters of a request's URL. */
export const queryOf = ({ url }: IncomingMessage): URLSearchParams =>
  new URLSearchParams((url ?? '').split('?')[1] ?? '');

/**
 * Who sends a request: by the session in its URL or its cookie, else by name and password (HTTP Basic). A session of the
 * coordinator is good on every host (facts 1.6, 4.1).
 */
export function userOf({ sessions, settings }: World, request: IncomingMessage): User | undefined {
  const { cookie, authorization } = request.headers;
  const session = queryOf(request).get('session_id') ?? /(?:^|;\s*)session_id=([^;]*)/.exec(cookie ?? '')?.[1];
  if (session !== undefined) return sessions.get(session)?.user;
  const basic = /^Basic\s+(.+)$/i.exec(authorization ?? '')?.[1];
  if (basic === undefined) return undefined;
  const [, name, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(basic, 'base64').toString('utf8')) ?? [];
  return settings.users.find((user) => user.name === name && user.password === password);
}

/** Whether a user holds a role; the local superuser holds all. */
export const may = (user: User, role: Role): boolean => user.localSuperuser === true || holds(user.role, role);
