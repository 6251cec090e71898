/** The classes for which no row stands, and why. */
export const rowless: Readonly<Record<string, string>> = {
  Xen_SystemDevice: 'A base: a system is tied to its devices by a class for each kind of them (decisions.md 17)',
};
