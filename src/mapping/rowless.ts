const base = 'A base: jobs are of the classes below it';
const started = 'Its instances are the jobs that methods start';

/**
 * The classes for which no row stands, and why. A job is a record of the bridge's own: its class has a row as soon as
 * there is a method that starts one.
 */
export const rowless: Readonly<Record<string, string>> = {
  Xen_SystemDevice: 'A base: a system is tied to its devices by a class for each kind of them (decisions.md 17)',
  Xen_Job: base,
  Xen_VirtualSystemManagementServiceJob: base,
  Xen_VirtualSystemModifyResourcesJob: started,
  Xen_VirtualSystemCreateJob: started,
  Xen_VirtualSystemMigrationServiceJob: started,
  Xen_ConnectToDiskImageJob: started,
  Xen_DisconnectFromDiskImageJob: started,
  Xen_SystemStateChangeJob: started,
  Xen_StartSnapshotForestExportJob: started,
  Xen_EndSnapshotForestExportJob: started,
};
