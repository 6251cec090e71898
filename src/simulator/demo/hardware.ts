import type { Records } from '../../xenapi/records.js';

/** A processor model, as host_cpu and host.cpu_info tell of it. */
export interface ProcessorModel {
  readonly vendor: string;
  readonly modelname: string;
  readonly speed: bigint;
  readonly family: bigint;
  readonly model: bigint;
  readonly stepping: string;
}

/** What one host of a made-up pool is made of. */
export interface HostModel {
  readonly processor: ProcessorModel;
  readonly sockets: number;
  /** Physical processors (threads) altogether. */
  readonly cpus: number;
  readonly memoryGib: number;
  readonly product: string;
  readonly vendor: string;
}

/** The processor of all made-up hosts. */
export const xeon: ProcessorModel = {
  vendor: 'GenuineIntel',
  modelname: 'Intel(R) Xeon(R) Gold 6226R CPU @ 2.90GHz',
  speed: 2893n,
  family: 6n,
  model: 85n,
  stepping: '7',
};

const flags =
  'fpu de tsc msr pae mce cx8 apic sep mca cmov pat clflush acpi mmx fxsr sse sse2 ht syscall nx lm constant_tsc ' +
  'rep_good nopl nonstop_tsc cpuid pni pclmulqdq monitor est ssse3 fma cx16 sse4_1 sse4_2 movbe popcnt aes xsave avx ' +
  'f16c rdrand hypervisor lahf_lm abm 3dnowprefetch fsgsbase bmi1 avx2 bmi2 erms rtm avx512f avx512dq rdseed adx clwb';

const features =
  '1fcbfbff-f7fa3223-2d93fbff-00000523-00000001-000007ab-00000000-00000000-00001000-ac000400-00000000-00000000-00000000';

/** host.cpu_info (facts 5.6). */
export const cpuInfo = ({ processor, sockets, cpus }: HostModel): Record<string, string> => ({
  cpu_count: String(cpus),
  socket_count: String(sockets),
  threads_per_core: '2',
  vendor: processor.vendor,
  speed: `${processor.speed}.064`,
  modelname: processor.modelname,
  family: String(processor.family),
  model: String(processor.model),
  stepping: processor.stepping,
  flags,
  features_pv: features,
  features_hvm: features,
  features_hvm_host: features,
  features_pv_host: features,
});

/** The fields of one physical processor's record. */
export const hostCpu = ({ processor }: HostModel, number: number): Partial<Records['host_cpu']> => ({
  number: BigInt(number),
  vendor: processor.vendor,
  speed: processor.speed,
  modelname: processor.modelname,
  family: processor.family,
  model: processor.model,
  stepping: processor.stepping,
  flags,
  features,
  utilisation: 0,
});

/** host.bios_strings (facts 5.6). */
export const biosStrings = (host: HostModel, serial: string): Record<string, string> => ({
  'bios-vendor': host.vendor,
  'bios-version': '2.12.2',
  'system-manufacturer': host.vendor,
  'system-product-name': host.product,
  'system-version': '',
  'system-serial-number': serial,
  'baseboard-manufacturer': host.vendor,
  'baseboard-product-name': '0H28RR',
  'baseboard-serial-number': `.${serial}.`,
  'oem-1': 'Xen',
  'oem-2': 'MS_VM_CERT/SHA1/bdbeb6e0a816d43fa6d3fe8aaef04c2bad9d3e3d',
  'hp-rombios': '',
});

/** host.software_version (facts 5.6). */
export const softwareVersion: Readonly<Record<string, string>> = {
  product_version: '8.3.0',
  product_version_text: '8.3',
  product_version_text_short: '8.3',
  product_brand: 'XCP-ng',
  platform_name: 'XCP',
  platform_version: '3.4.0',
  build_number: 'cloud',
  hostname: 'localhost',
  date: '20240510T12:00:00Z',
  dbv: '0.0.1',
  xapi: '24.11',
  xapi_build: '24.11.0',
  xen: '4.17.3',
  linux: '4.19.0+1',
  xencenter_min: '2.21',
  xencenter_max: '2.21',
  network_backend: 'openvswitch',
  db_schema: '5.776',
};

/** host.capabilities: what kinds of machines it can run. */
export const hostCapabilities: readonly string[] = [
  'xen-3.0-x86_64',
  'xen-3.0-x86_32p',
  'hvm-3.0-x86_32',
  'hvm-3.0-x86_32p',
  'hvm-3.0-x86_64',
];
