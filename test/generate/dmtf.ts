import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  CimClass,
  MethodDeclaration,
  ParameterDeclaration,
  PropertyDeclaration,
  Qualifier,
  QualifierType,
} from '../../src/cim/class.js';
import { scopes } from '../../src/cim/class.js';
import type { NameMap } from '../../src/cim/name.js';
import { textOfReal } from '../../src/cim/number-text.js';
import type { CimValue } from '../../src/cim/value.js';
import { compileSchema } from '../../src/mof/compile.js';
import type { Schema } from '../../src/mof/schema.js';
import { type MofSource, openSource, textSource } from '../../src/mof/source.js';

/**
 * Makes mof/dmtf/ from the DMTF's CIM schema: the classes that ours derive from and tie, with names, types, keys, value
 * maps and the qualifiers that bear on behaviour; none of its prose.
 */

/** The classes asked for, by subject; their superclasses and the classes they refer to or embed come with them. */
const wanted = {
  service: `CIM_HostedService CIM_ServiceAffectsElement CIM_HostedAccessPoint CIM_ServiceAccessURI CIM_ServiceAvailableToElement
    CIM_SAPAvailableForElement CIM_ProvidesServiceToElement CIM_ServiceServiceDependency CIM_RemoteServiceAccessPoint
    CIM_RemoteAccessAvailableToElement CIM_BindsTo CIM_BindsToLANEndpoint CIM_EnabledLogicalElementCapabilities
    CIM_ElementCapabilities CIM_SettingsDefineCapabilities CIM_ElementSettingData CIM_SettingsDefineState CIM_ConcreteDependency CIM_ConcreteComponent CIM_ConcreteIdentity CIM_LogicalIdentity
    CIM_MemberOfCollection CIM_OrderedMemberOfCollection CIM_OwningCollectionElement CIM_HostedCollection
    CIM_ConcreteCollection CIM_SystemSpecificCollection CIM_RedundancySet`,
  system: `CIM_ComputerSystem CIM_AdminDomain CIM_ContainedDomain CIM_SystemComponent CIM_ComponentCS CIM_HostedDependency
    CIM_SystemDevice CIM_OperatingSystem CIM_RunningOS CIM_InstalledOS CIM_TimeZone CIM_BootConfigSetting CIM_BootSourceSetting CIM_BootService CIM_BootServiceCapabilities CIM_OrderedComponent CIM_PowerManagementService
    CIM_PowerManagementCapabilities CIM_AssociatedPowerManagementService CIM_RecordLog CIM_LogEntry CIM_LogManagesRecord
    CIM_RecordInLog CIM_RecordAppliesToElement CIM_UseOfLog CIM_Cluster CIM_ParticipatingCS CIM_Role CIM_Privilege CIM_Identity CIM_Account
    CIM_AccountOnSystem CIM_AssignedIdentity CIM_ElementView`,
  virtualization: `CIM_VirtualSystemManagementService CIM_VirtualSystemManagementCapabilities CIM_VirtualSystemSettingData
    CIM_VirtualSystemSettingDataComponent CIM_VirtualSystemSnapshotService CIM_VirtualSystemSnapshotServiceCapabilities
    CIM_VirtualSystemSnapshotCapabilities CIM_SnapshotOfVirtualSystem CIM_LastAppliedSnapshot CIM_MostCurrentSnapshotInBranch
    CIM_VirtualSystemMigrationService CIM_VirtualSystemMigrationCapabilities CIM_VirtualSystemMigrationSettingData
    CIM_VirtualEthernetSwitchSettingData`,
  resource: `CIM_ResourcePool CIM_ResourceAllocationSettingData CIM_StorageAllocationSettingData
    CIM_EthernetPortAllocationSettingData CIM_AllocationCapabilities CIM_ResourcePoolConfigurationService
    CIM_ResourcePoolConfigurationCapabilities CIM_ElementAllocatedFromPool CIM_ResourceAllocationFromPool
    CIM_HostedResourcePool CIM_BasedOn CIM_StoragePool`,
  device: `CIM_LogicalDevice CIM_Processor CIM_ProcessorCore CIM_HardwareThread CIM_ProcessorCapabilities CIM_Memory
    CIM_AssociatedMemory CIM_AssociatedCacheMemory CIM_AssociatedProcessorMemory CIM_DiskDrive CIM_LogicalDisk
    CIM_StorageExtent CIM_StorageVolume CIM_MediaPresent CIM_CDROMDrive CIM_DVDDrive CIM_PCIDevice CIM_PCIController
    CIM_PCIBridge CIM_ControlledBy CIM_DisplayController CIM_VideoHead CIM_USBDevice CIM_USBController CIM_Watchdog
    CIM_NumericSensor CIM_AssociatedSensor CIM_Keyboard CIM_PointingDevice CIM_Fan CIM_PowerSupply CIM_Battery
    CIM_SCSIController CIM_FCPort CIM_LocalFileSystem CIM_RemoteFileSystem CIM_HostedFileSystem CIM_ResidesOnExtent`,
  network: `CIM_NetworkPort CIM_EthernetPort CIM_LANEndpoint CIM_IPProtocolEndpoint CIM_VLANEndpoint CIM_NetworkVLAN
    CIM_ActiveConnection CIM_DeviceSAPImplementation CIM_PortImplementsEndpoint CIM_TransparentBridgingService
    CIM_SwitchService CIM_SwitchPort CIM_EthernetPortStatistics CIM_DNSProtocolEndpoint
    CIM_DHCPProtocolEndpoint CIM_StaticIPAssignmentSettingData CIM_DHCPSettingData CIM_DNSSettingData CIM_KVMRedirectionSAP
    CIM_TextRedirectionSAP CIM_TextRedirectionService CIM_USBRedirectionSAP CIM_RedirectionService
    CIM_RedirectionServiceCapabilities`,
  physical: `CIM_PhysicalPackage CIM_Chassis CIM_Card CIM_PhysicalMemory CIM_Chip CIM_Slot CIM_PhysicalConnector CIM_Rack
    CIM_Location CIM_PhysicalElementLocation CIM_ComputerSystemPackage CIM_SystemPackaging CIM_Realizes CIM_Container
    CIM_PackageInChassis CIM_PhysicalAssetCapabilities CIM_Product CIM_ProductPhysicalComponent CIM_FRU`,
  software: `CIM_SoftwareIdentity CIM_InstalledSoftwareIdentity CIM_ElementSoftwareIdentity CIM_BIOSElement
    CIM_SoftwareFeature CIM_SystemBIOS CIM_SoftwareInstallationService CIM_SoftwareInstallationServiceCapabilities CIM_VideoBIOSElement`,
  metrics: `CIM_BaseMetricDefinition CIM_BaseMetricValue CIM_MetricDefForME CIM_MetricForME CIM_MetricInstance
    CIM_MetricService CIM_MetricServiceCapabilities CIM_AggregationMetricDefinition CIM_AggregationMetricValue`,
  job: `CIM_ConcreteJob CIM_OwningJobElement CIM_AffectedJobElement CIM_HostedJobDestination CIM_JobDestinationJobs
    CIM_JobSettingData CIM_MethodResult CIM_AssociatedJobMethodResult CIM_JobQueue`,
  indication: `CIM_InstCreation CIM_InstDeletion CIM_InstModification CIM_InstRead CIM_InstMethodCall CIM_ClassCreation
    CIM_ClassDeletion CIM_ClassModification CIM_AlertIndication CIM_ThresholdIndication CIM_IndicationFilter
    CIM_ListenerDestination CIM_ListenerDestinationCIMXML CIM_ListenerDestinationWSManagement CIM_IndicationSubscription
    CIM_FilterCollection CIM_FilterCollectionSubscription CIM_IndicationService CIM_IndicationServiceCapabilities
    CIM_IndicationServiceSettingData`,
  interop: `CIM_ObjectManager CIM_Namespace CIM_NamespaceInManager CIM_CIMXMLCommunicationMechanism
    CIM_CommMechanismForManager CIM_ObjectManagerAdapter CIM_RegisteredProfile CIM_RegisteredSubProfile
    CIM_RegisteredSpecification CIM_ElementConformsToProfile CIM_ReferencedProfile CIM_ReferencedSpecification
    CIM_SubProfileRequiresProfile CIM_WBEMServer CIM_WBEMServerNamespace CIM_WBEMServerCapabilities CIM_Error`,
} as const;

type Subject = keyof typeof wanted | 'core';

/** What explains, and changes nothing. */
const prose = new Set(
  'ClassConstraint Description DisplayDescription DisplayName MappingStrings MethodConstraint ModelCorrespondence PropertyConstraint UMLPackagePath'
    .toLowerCase()
    .split(' '),
);

/** Whether a qualifier bears on behaviour, and so is kept. */
export const bearsOnBehaviour = ({ name }: Qualifier): boolean => !prose.has(name.toLowerCase());

/** In experimental releases only, as published for 2.16. */
const mostCurrentSnapshot = `[Association, Experimental, Version ("2.16.0")]
class CIM_MostCurrentSnapshotInBranch : CIM_Dependency {
  [Override ("Antecedent"), Min (0), Max (1)] CIM_ComputerSystem REF Antecedent;
  [Override ("Dependent"), Min (0), Max (1)] CIM_VirtualSystemSettingData REF Dependent;
};`;

const missingFromTheSchema = ['CIM_VirtualSystemMigrationCapabilities.mof', 'CIM_VirtualSystemMigrationService.mof'];

/** The whole DMTF schema 2.49.0 with the three experimental classes that its final release lacks. */
export function referenceSchema(folder: string): Schema {
  const schema = openSource(join(folder, 'cim_schema_2.49.0Final-MOFs.zip'));
  const loose = openSource(folder);
  const ours = textSource({ 'CIM_MostCurrentSnapshotInBranch.mof': mostCurrentSnapshot });
  const source: MofSource = {
    roots: [...schema.roots, ...missingFromTheSchema, ...ours.roots],
    read: (path) => schema.read(path) ?? loose.read(path) ?? ours.read(path),
  };
  return compileSchema(source);
}

/** The classes that one names: its superclass, and what its own references and embedded instances are of. */
function namedBy(one: CimClass): string[] {
  const typed: (PropertyDeclaration | ParameterDeclaration)[] = [...one.properties].filter((p) => !p.propagated);
  for (const method of one.methods) if (!method.propagated) typed.push(...method.parameters);
  const names = typed.map((element) => element.referenceClass);
  return [one.superclass, ...names].filter((name) => name !== undefined);
}

/** Which subject each needed class belongs to: the one that lists it, the only one that needs it, or the core. */
function classesBySubject(schema: Schema): Map<CimClass, Subject> {
  const subjects = new Map<CimClass, Subject>();
  const listed = new Set<string>();
  for (const [subject, names] of Object.entries(wanted))
    for (const name of names.split(/\s+/)) {
      const one = schema.class(name);
      if (!one) throw new Error(`the reference schema has no class ${name}`);
      subjects.set(one, subject as Subject);
      listed.add(one.name);
    }
  const needed = [...subjects];
  for (const [one, subject] of needed)
    for (const name of namedBy(one)) {
      const other = schema.class(name)!;
      if (listed.has(other.name) || subjects.get(other) === 'core') continue;
      const known = subjects.get(other);
      if (known === subject) continue;
      subjects.set(other, known === undefined ? subject : 'core');
      needed.push([other, subjects.get(other)!]);
    }
  return subjects;
}

const width = 118;

/** `head`, the items with commas between, and `tail`, over as many lines as they take. */
function wrapped(head: string, items: readonly string[], tail: string, indent: string): string {
  const one = head + items.join(', ') + tail;
  if (indent.length + one.length <= width) return indent + one;
  const lines = [indent + head.trimEnd()];
  let line = `${indent} `;
  for (const [index, item] of items.entries()) {
    const piece = index < items.length - 1 ? `${item},` : item + tail;
    if (line.trim() !== '' && line.length + 1 + piece.length > width) {
      lines.push(line);
      line = `${indent} `;
    }
    line += ` ${piece}`;
  }
  return [...lines, line].join('\n');
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

const quote = (text: string): string => `"${[...text].map((character) => escapes[character] ?? character).join('')}"`;

function literal(value: CimValue, type: string): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return type.startsWith('real') ? textOfReal(value) : String(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return type === 'char16' ? `'${value}'` : quote(value);
  if (Array.isArray(value)) return `{ ${value.map((item: CimValue) => literal(item, type)).join(', ')} }`;
  throw new Error(`no literal is known for a ${type}`);
}

function qualifierText({ name, type, value }: Qualifier, indent: string): string {
  if (value === true) return indent + name;
  if (value === null && type !== 'boolean') return `${indent}${name} (NULL)`;
  if (!Array.isArray(value)) return `${indent}${name} (${literal(value, type)})`;
  return wrapped(
    `${name} { `,
    value.map((item: CimValue) => literal(item, type)),
    ' }',
    indent,
  );
}

/** The qualifiers of an element itself, in brackets, a long one on lines of its own. */
function qualifierList(qualifiers: NameMap<Qualifier>, indent: string): string {
  const own = [...qualifiers].filter((one) => !one.propagated && bearsOnBehaviour(one));
  if (own.length === 0) return '';
  const flat = `${indent}[${own.map((one) => qualifierText(one, '').replace(/\n\s*/g, ' ')).join(', ')}]`;
  if (flat.length <= width) return `${flat}\n`;
  return `${indent}[\n${own.map((one) => qualifierText(one, `${indent}  `)).join(',\n')}\n${indent}]\n`;
}

function typedText(element: PropertyDeclaration | ParameterDeclaration): string {
  const type = element.type === 'reference' ? `${element.referenceClass} REF` : element.type;
  return `${type} ${element.name}${element.isArray ? `[${element.arraySize ?? ''}]` : ''}`;
}

function propertyText(property: PropertyDeclaration, above: PropertyDeclaration | undefined): string {
  const inherited = above !== undefined && property.value === above.value;
  const value = property.value === null || inherited ? '' : ` = ${literal(property.value, property.type)}`;
  return `${qualifierList(property.qualifiers, '  ')}  ${typedText(property)}${value};\n`;
}

function methodText(method: MethodDeclaration): string {
  const head = `${qualifierList(method.qualifiers, '  ')}  ${method.returnType} ${method.name}(`;
  const parameters = [...method.parameters].map(
    (one) => `${qualifierList(one.qualifiers, '    ')}    ${typedText(one)}`,
  );
  return parameters.length === 0 ? `${head});\n` : `${head}\n${parameters.join(',\n')}\n  );\n`;
}

/** MOF that declares the class alone, without what it inherits and without prose. */
function classText(one: CimClass, schema: Schema): string {
  const above = one.superclass === undefined ? undefined : schema.class(one.superclass);
  const features = [
    ...[...one.properties].filter((p) => !p.propagated).map((p) => propertyText(p, above?.properties.get(p.name))),
    ...[...one.methods].filter((m) => !m.propagated).map(methodText),
  ];
  const head = `class ${one.name}${one.superclass === undefined ? '' : ` : ${one.superclass}`}`;
  return `${qualifierList(one.qualifiers, '')}${head} {\n${features.join('\n')}};\n`;
}

const flavorNames = ({ flavor }: QualifierType): string[] => [
  flavor.overridable ? 'EnableOverride' : 'DisableOverride',
  flavor.tosubclass ? 'ToSubclass' : 'Restricted',
  ...(flavor.translatable ? ['Translatable'] : []),
];

function qualifierTypeText(one: QualifierType): string {
  const array = one.isArray ? `[${one.arraySize ?? ''}]` : '';
  const value = one.value === null ? '' : ` = ${literal(one.value, one.type)}`;
  const scope = one.scope.size === scopes.length ? ['any'] : [...one.scope];
  return `Qualifier ${one.name} : ${one.type}${array}${value},\n  Scope(${scope.join(', ')}), Flavor(${flavorNames(one).join(', ')});\n`;
}

const header = '// Generated by test/generate/dmtf.ts from the DMTF CIM schema 2.49.0; do not edit.\n';

/** The files of mof/dmtf by name; `schema.mof` includes the others. */
export function dmtfFiles(schema: Schema): ReadonlyMap<string, string> {
  const subjects = classesBySubject(schema);
  const files = new Map<string, string[]>([['qualifiers', [...schema.qualifierTypes].map(qualifierTypeText)]]);
  for (const subject of ['core', ...Object.keys(wanted)]) files.set(subject, []);
  for (const one of schema.classes()) {
    const subject = subjects.get(one);
    if (subject) files.get(subject)!.push(classText(one, schema));
  }
  const includes = [...files.keys()].map((name) => `#pragma include ("${name}.mof")\n`);
  const texts = [...files].map(([name, parts]) => [`${name}.mof`, [header, ...parts].join('\n')] as const);
  return new Map([...texts, ['schema.mof', `${header}\n${includes.join('')}`]]);
}

function main(reference: string, target: string): void {
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(target)) rmSync(join(target, name));
  for (const [name, text] of dmtfFiles(referenceSchema(reference))) writeFileSync(join(target, name), text);
}

if (process.argv[2] && process.argv[3] && process.argv[1]?.endsWith('dmtf.js')) main(process.argv[2], process.argv[3]);
