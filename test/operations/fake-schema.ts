import { compileSchema } from '../../src/mof/compile.js';
import type { Schema } from '../../src/mof/schema.js';
import { textSource } from '../../src/mof/source.js';

const qualifiers = `
Qualifier Key : boolean = false, Scope(property, reference), Flavor(DisableOverride, ToSubclass);
Qualifier Association : boolean = false, Scope(association), Flavor(DisableOverride, ToSubclass);
Qualifier Abstract : boolean = false, Scope(class, association, indication), Flavor(EnableOverride, Restricted);
Qualifier Override : string = null, Scope(property, reference, method), Flavor(EnableOverride, Restricted);
Qualifier Description : string = null, Scope(any), Flavor(EnableOverride, ToSubclass, Translatable);
`;

const shared = `
[Abstract, Description("anything managed")]
class CIM_ManagedElement {
  [Description("a short name")] string Caption;
  string ElementName;
};
[Abstract]
class CIM_System : CIM_ManagedElement {
  [Key] string CreationClassName;
  [Key] string Name;
  [Description("asks for a state")] uint32 RequestStateChange([Description("which")] uint16 RequestedState);
};
`;

const cimv2 = `
[Description("a virtual machine")]
class Xen_ComputerSystem : CIM_System {
  [Override("Caption"), Description("the label")] string Caption;
  uint16 EnabledState = 5;
  uint64 Uptime;
  string Roles[];
  uint32 Pause();
};
class Xen_HostSystem : CIM_System { string Model; };
class CIM_LogicalDevice : CIM_ManagedElement { [Key] string SystemName; [Key] string DeviceID; };
class Xen_Disk : CIM_LogicalDevice { uint64 Size; };
class Xen_Numbered { [Key] uint64 Number; [Key] boolean Odd; string Text; };
class Xen_Single { [Key] string InstanceID; };
class Xen_Empty : CIM_ManagedElement { [Key] string InstanceID; };
[Association, Abstract]
class CIM_Component {
  [Key] CIM_ManagedElement REF GroupComponent;
  [Key] CIM_ManagedElement REF PartComponent;
};
[Association]
class CIM_SystemDevice : CIM_Component {
  [Override("GroupComponent")] CIM_System REF GroupComponent;
  [Override("PartComponent")] CIM_LogicalDevice REF PartComponent;
};
[Association]
class Xen_SystemDevice : CIM_SystemDevice {
  [Override("PartComponent")] Xen_Disk REF PartComponent;
  uint16 Slot;
};
[Association]
class Xen_SpareDevice : CIM_SystemDevice { };
[Association]
class Xen_Peer { [Key] Xen_ComputerSystem REF Near; [Key] Xen_ComputerSystem REF Far; };
[Association]
class Xen_Hosting { [Key] Xen_HostSystem REF Antecedent; [Key] Xen_ComputerSystem REF Dependent; };
`;

const interop = `
class CIM_Namespace : CIM_ManagedElement { [Key] string CreationClassName; [Key] string Name; };
class CIM_RegisteredProfile : CIM_ManagedElement { [Key] string InstanceID; };
[Association]
class CIM_ElementConformsToProfile {
  [Key] CIM_RegisteredProfile REF ConformantStandard;
  [Key] CIM_ManagedElement REF ConformantElement;
};
[Association]
class Xen_NamespaceProfile { [Key] CIM_Namespace REF Antecedent; [Key] CIM_RegisteredProfile REF Dependent; };
`;

const compile = (text: string): Schema => compileSchema(textSource({ 'fake.mof': text }));

/** Two small namespaces, compiled as the real ones are. */
export const fakeSchemas: ReadonlyMap<string, Schema> = new Map([
  ['root/cimv2', compile(qualifiers + shared + cimv2)],
  ['root/interop', compile(qualifiers + shared + interop)],
]);
