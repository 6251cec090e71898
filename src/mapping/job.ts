const started = 'Its instances are the jobs that methods start';

/** The job classes. A job is a record of the bridge's own, so no row stands for them before there is a method to start one. */
export const jobClasses: Readonly<Record<string, string>> = {
  Xen_Job: 'A base: jobs are of the classes below it',
  Xen_VirtualSystemManagementServiceJob: 'A base: jobs are of the classes below it',
  Xen_VirtualSystemModifyResourcesJob: started,
  Xen_VirtualSystemCreateJob: started,
  Xen_VirtualSystemMigrationServiceJob: started,
  Xen_ConnectToDiskImageJob: started,
  Xen_DisconnectFromDiskImageJob: started,
  Xen_SystemStateChangeJob: started,
  Xen_StartSnapshotForestExportJob: started,
  Xen_EndSnapshotForestExportJob: started,
};
