/*
 * Requests as the clients in use write them (line ends, empty elements, quoting, attributes and all), for the clients
 * that cannot be run here. `expected` is what the one call is, in the form of `toMatchObject`, its parameters as pairs.
 */

export interface ClientRequest {
  readonly client: string;
  readonly what: string;
  readonly body: string;
  readonly expected: object;
  readonly parameters: readonly (readonly [name: string, value: unknown])[];
}

const declaration = '<?xml version="1.0" encoding="utf-8" ?>\n';

const pywbem = (call: string): string =>
  `${declaration}<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="1001" PROTOCOLVERSION="1.0"><SIMPLEREQ>${call}</SIMPLEREQ></MESSAGE></CIM>`;

const cimcli = (call: string): string =>
  `${declaration}<CIM CIMVERSION="2.0" DTDVERSION="2.0">\n<MESSAGE ID="53015" PROTOCOLVERSION="1.0">\n<SIMPLEREQ>\n${call}</SIMPLEREQ>\n</MESSAGE>\n</CIM>\n`;

const sblim = (call: string): string =>
  `<?xml version="1.0" encoding="UTF-8" ?>\n<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="12" PROTOCOLVERSION="1.0"><SIMPLEREQ>${call}</SIMPLEREQ></MESSAGE></CIM>`;

const gowbem = (call: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="f81d4fae-7dec" PROTOCOLVERSION="1.0"><SIMPLEREQ>${call}</SIMPLEREQ></MESSAGE></CIM>`;

const wbemcli = (call: string): string =>
  `${declaration}<CIM CIMVERSION="2.0" DTDVERSION="2.0">\n<MESSAGE ID="4711" PROTOCOLVERSION="1.0"><SIMPLEREQ>${call}</SIMPLEREQ>\n</MESSAGE></CIM>`;

const short = '<LOCALNAMESPACEPATH><NAMESPACE NAME="root"/><NAMESPACE NAME="cimv2"/></LOCALNAMESPACEPATH>';
const long =
  '<LOCALNAMESPACEPATH><NAMESPACE NAME="root"></NAMESPACE><NAMESPACE NAME="cimv2"></NAMESPACE></LOCALNAMESPACEPATH>';
const lines = '<LOCALNAMESPACEPATH>\n<NAMESPACE NAME="root"/>\n<NAMESPACE NAME="cimv2"/>\n</LOCALNAMESPACEPATH>\n';

const className = 'Xen_ComputerSystem';
const theClass = { kind: 'classPath', className };
const intrinsic = (name: string) => ({ kind: 'intrinsic', name, namespace: 'root/cimv2' });
const uuid = '6f1b2c9a-3c1e-4f5c-9f6b-2d3a1e0f9b77';
const keys = (type: string | undefined) => [
  { name: 'CreationClassName', type, value: className },
  { name: 'Name', type, value: uuid },
];
const settings = {
  kind: 'instance',
  shape: {
    className: 'Xen_ComputerSystemSettingData',
    properties: [
      { name: 'ElementName', type: 'string', isArray: false },
      { name: 'Other_Config', type: 'string', isArray: true },
    ],
  },
  values: ['a & b', ['x', null]],
};
const settingsXml =
  '<INSTANCE CLASSNAME="Xen_ComputerSystemSettingData"><PROPERTY NAME="ElementName" TYPE="string"><VALUE>a &amp; b</VALUE></PROPERTY>' +
  '<PROPERTY.ARRAY NAME="Other_Config" TYPE="string"><VALUE.ARRAY><VALUE>x</VALUE><VALUE.NULL/></VALUE.ARRAY></PROPERTY.ARRAY></INSTANCE>';
const escape1 = (xml: string): string => xml.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const escapeAll = (xml: string): string => escape1(xml).replaceAll('"', '&quot;');
const service = { kind: 'path', className: 'Xen_VirtualSystemManagementService', namespace: 'root/cimv2' };

export const requests: readonly ClientRequest[] = [
  {
    client: 'pywbem',
    what: 'EnumerateInstances',
    body: pywbem(
      `<IMETHODCALL NAME="EnumerateInstances">${short}<IPARAMVALUE NAME="ClassName"><CLASSNAME NAME="${className}"/></IPARAMVALUE>` +
        '<IPARAMVALUE NAME="LocalOnly"><VALUE>FALSE</VALUE></IPARAMVALUE><IPARAMVALUE NAME="DeepInheritance"><VALUE>TRUE</VALUE></IPARAMVALUE>' +
        '<IPARAMVALUE NAME="PropertyList"><VALUE.ARRAY><VALUE>Name</VALUE><VALUE>ElementName</VALUE></VALUE.ARRAY></IPARAMVALUE></IMETHODCALL>',
    ),
    expected: intrinsic('EnumerateInstances'),
    parameters: [
      ['ClassName', theClass],
      ['LocalOnly', 'FALSE'],
      ['DeepInheritance', 'TRUE'],
      ['PropertyList', ['Name', 'ElementName']],
    ],
  },
  {
    client: 'pywbem',
    what: 'GetInstance, keys with VALUETYPE alone',
    body: pywbem(
      `<IMETHODCALL NAME="GetInstance">${short}<IPARAMVALUE NAME="InstanceName"><INSTANCENAME CLASSNAME="${className}">` +
        `<KEYBINDING NAME="Name"><KEYVALUE VALUETYPE="string">${uuid}</KEYVALUE></KEYBINDING>` +
        `<KEYBINDING NAME="CreationClassName"><KEYVALUE VALUETYPE="string">${className}</KEYVALUE></KEYBINDING>` +
        '</INSTANCENAME></IPARAMVALUE></IMETHODCALL>',
    ),
    expected: intrinsic('GetInstance'),
    parameters: [['InstanceName', { kind: 'path', className, keys: keys(undefined) }]],
  },
  {
    client: 'pywbem',
    what: 'InvokeMethod with an escaped embedded instance, null and a reference',
    body: pywbem(
      `<METHODCALL NAME="DefineSystem"><LOCALINSTANCEPATH>${short}<INSTANCENAME CLASSNAME="Xen_VirtualSystemManagementService">` +
        '<KEYBINDING NAME="Name"><KEYVALUE TYPE="string" VALUETYPE="string">s</KEYVALUE></KEYBINDING></INSTANCENAME></LOCALINSTANCEPATH>' +
        `<PARAMVALUE EmbeddedObject="instance" NAME="SystemSettings" PARAMTYPE="string"><VALUE>${escape1(settingsXml)}</VALUE></PARAMVALUE>` +
        `<PARAMVALUE EmbeddedObject="instance" NAME="ResourceSettings" PARAMTYPE="string"><VALUE.ARRAY><VALUE>${escape1(settingsXml)}</VALUE></VALUE.ARRAY></PARAMVALUE>` +
        '<PARAMVALUE NAME="None"/><PARAMVALUE NAME="RequestedState" PARAMTYPE="string"><VALUE>2</VALUE></PARAMVALUE>' +
        `<PARAMVALUE NAME="ReferenceConfiguration" PARAMTYPE="reference"><VALUE.REFERENCE><LOCALINSTANCEPATH>${short}<INSTANCENAME CLASSNAME="T">` +
        '<KEYBINDING NAME="InstanceID"><KEYVALUE TYPE="string" VALUETYPE="string">Xen:1</KEYVALUE></KEYBINDING></INSTANCENAME></LOCALINSTANCEPATH></VALUE.REFERENCE></PARAMVALUE></METHODCALL>',
    ),
    expected: { kind: 'extrinsic', name: 'DefineSystem', namespace: 'root/cimv2', target: service },
    parameters: [
      ['SystemSettings', settings],
      ['ResourceSettings', [settings]],
      ['None', null],
      ['RequestedState', '2'],
      [
        'ReferenceConfiguration',
        {
          kind: 'path',
          className: 'T',
          namespace: 'root/cimv2',
          keys: [{ name: 'InstanceID', type: 'string', value: 'Xen:1' }],
        },
      ],
    ],
  },
  {
    client: 'OpenPegasus cimcli',
    what: 'Associators, a null and an empty list',
    body: cimcli(
      `<IMETHODCALL NAME="Associators">\n${lines}<IPARAMVALUE NAME="ObjectName">\n<INSTANCENAME CLASSNAME="${className}">\n` +
        `<KEYBINDING NAME="CreationClassName">\n<KEYVALUE VALUETYPE="string">${className}</KEYVALUE>\n</KEYBINDING>\n` +
        `<KEYBINDING NAME="Name">\n<KEYVALUE VALUETYPE="string">${uuid}</KEYVALUE>\n</KEYBINDING>\n</INSTANCENAME>\n</IPARAMVALUE>\n` +
        '<IPARAMVALUE NAME="AssocClass">\n</IPARAMVALUE>\n<IPARAMVALUE NAME="Role">\n<VALUE></VALUE>\n</IPARAMVALUE>\n' +
        '<IPARAMVALUE NAME="IncludeQualifiers">\n<VALUE>FALSE</VALUE>\n</IPARAMVALUE>\n' +
        '<IPARAMVALUE NAME="PropertyList">\n<VALUE.ARRAY>\n</VALUE.ARRAY>\n</IPARAMVALUE>\n</IMETHODCALL>\n',
    ),
    expected: intrinsic('Associators'),
    parameters: [
      ['ObjectName', { kind: 'path', className, keys: keys(undefined) }],
      ['AssocClass', null],
      ['Role', ''],
      ['IncludeQualifiers', 'FALSE'],
      ['PropertyList', []],
    ],
  },
  {
    client: 'OpenPegasus',
    what: 'a method call with both spellings of EmbeddedObject, quotes escaped, line ends in the embedded text',
    body: cimcli(
      `<METHODCALL NAME="DefineSystem">\n<LOCALINSTANCEPATH>\n${lines}<INSTANCENAME CLASSNAME="Xen_VirtualSystemManagementService">\n` +
        '<KEYBINDING NAME="Number">\n<KEYVALUE VALUETYPE="numeric">5</KEYVALUE>\n</KEYBINDING>\n</INSTANCENAME>\n</LOCALINSTANCEPATH>\n' +
        `<PARAMVALUE NAME="SystemSettings" PARAMTYPE="string" EmbeddedObject="instance" EMBEDDEDOBJECT="instance"><VALUE>${escapeAll(settingsXml.replaceAll('><', '>\n<').replace('<VALUE.ARRAY>\n', '<VALUE.ARRAY>'))}\n</VALUE>\n</PARAMVALUE>\n` +
        '<PARAMVALUE NAME="Text" PARAMTYPE="string"><VALUE>a&#10;b&quot;c&apos;</VALUE>\n</PARAMVALUE>\n</METHODCALL>\n',
    ),
    expected: { kind: 'extrinsic', name: 'DefineSystem', target: { ...service, keys: [{ name: 'Number', value: 5 }] } },
    parameters: [
      ['SystemSettings', settings],
      ['Text', 'a\nb"c\''],
    ],
  },
  {
    client: 'sblim-cim-client',
    what: 'CreateInstance, keys with TYPE, a reference with a host',
    body: sblim(
      `<IMETHODCALL NAME="CreateInstance">${short}<IPARAMVALUE NAME="NewInstance"><INSTANCE CLASSNAME="CIM_IndicationSubscription">` +
        '<PROPERTY.REFERENCE NAME="Filter" REFERENCECLASS="CIM_IndicationFilter"><VALUE.REFERENCE><INSTANCEPATH><NAMESPACEPATH><HOST>h</HOST>' +
        `${short}</NAMESPACEPATH><INSTANCENAME CLASSNAME="CIM_IndicationFilter"><KEYBINDING NAME="Name"><KEYVALUE TYPE="string" VALUETYPE="string">f </KEYVALUE></KEYBINDING></INSTANCENAME></INSTANCEPATH></VALUE.REFERENCE></PROPERTY.REFERENCE>` +
        '<PROPERTY NAME="RepeatNotificationCount" TYPE="uint64"><VALUE>18446744073709551615</VALUE></PROPERTY></INSTANCE></IPARAMVALUE></IMETHODCALL>',
    ),
    expected: intrinsic('CreateInstance'),
    parameters: [
      [
        'NewInstance',
        {
          kind: 'instance',
          shape: {
            className: 'CIM_IndicationSubscription',
            properties: [
              { name: 'Filter', type: 'reference', isArray: false, referenceClass: 'CIM_IndicationFilter' },
              { name: 'RepeatNotificationCount', type: 'uint64', isArray: false },
            ],
          },
          values: [
            {
              kind: 'path',
              host: 'h',
              namespace: 'root/cimv2',
              className: 'CIM_IndicationFilter',
              keys: [{ name: 'Name', type: 'string', value: 'f ' }],
            },
            18_446_744_073_709_551_615n,
          ],
        },
      ],
    ],
  },
  {
    client: 'sblim-cim-client',
    what: 'a method call with EMBEDDEDOBJECT in capitals and CDATA, parameters without types',
    body: sblim(
      `<METHODCALL NAME="DefineSystem"><LOCALCLASSPATH>${short}<CLASSNAME NAME="Xen_VirtualSystemManagementService"/></LOCALCLASSPATH>` +
        `<PARAMVALUE NAME="SystemSettings" EMBEDDEDOBJECT="instance"><VALUE><![CDATA[${settingsXml}]]></VALUE></PARAMVALUE>` +
        '<PARAMVALUE NAME="RequestedState"><VALUE>2</VALUE></PARAMVALUE></METHODCALL>',
    ),
    expected: { kind: 'extrinsic', name: 'DefineSystem', target: { ...service, kind: 'classPath' } },
    parameters: [
      ['SystemSettings', settings],
      ['RequestedState', '2'],
    ],
  },
  {
    client: 'gowbem',
    what: 'EnumerateInstances, no empty-element tags, booleans in small letters',
    body: gowbem(
      `<IMETHODCALL NAME="EnumerateInstances">${long}<IPARAMVALUE NAME="ClassName"><CLASSNAME NAME="${className}"></CLASSNAME></IPARAMVALUE>` +
        '<IPARAMVALUE NAME="LocalOnly"><VALUE>false</VALUE></IPARAMVALUE></IMETHODCALL>',
    ),
    expected: intrinsic('EnumerateInstances'),
    parameters: [
      ['ClassName', theClass],
      ['LocalOnly', 'false'],
    ],
  },
  {
    client: 'gowbem',
    what: 'GetInstance by one key without a name',
    body: gowbem(
      `<IMETHODCALL NAME="GetInstance">${long}<IPARAMVALUE NAME="InstanceName"><INSTANCENAME CLASSNAME="C"><KEYVALUE VALUETYPE="string" TYPE="">v</KEYVALUE></INSTANCENAME></IPARAMVALUE></IMETHODCALL>`,
    ),
    expected: intrinsic('GetInstance'),
    parameters: [['InstanceName', { kind: 'path', className: 'C', keys: [{ name: '', type: undefined, value: 'v' }] }]],
  },
  {
    client: 'wbemcli',
    what: 'GetInstance, the key of a reference',
    body: wbemcli(
      `<IMETHODCALL NAME="GetInstance">${long}\n<IPARAMVALUE NAME="LocalOnly"><VALUE>FALSE</VALUE></IPARAMVALUE>\n` +
        '<IPARAMVALUE NAME="IncludeQualifiers"><VALUE>FALSE</VALUE></IPARAMVALUE>\n<IPARAMVALUE NAME="IncludeClassOrigin"><VALUE>FALSE</VALUE></IPARAMVALUE>\n' +
        '<IPARAMVALUE NAME="InstanceName"><INSTANCENAME CLASSNAME="A"><KEYBINDING NAME="Antecedent"><VALUE.REFERENCE><INSTANCEPATH><NAMESPACEPATH><HOST>localhost</HOST>' +
        `${long}</NAMESPACEPATH><INSTANCENAME CLASSNAME="B"><KEYBINDING NAME="Id"><KEYVALUE VALUETYPE="numeric">5</KEYVALUE></KEYBINDING></INSTANCENAME></INSTANCEPATH></VALUE.REFERENCE></KEYBINDING>` +
        '</INSTANCENAME></IPARAMVALUE>\n</IMETHODCALL>',
    ),
    expected: intrinsic('GetInstance'),
    parameters: [
      ['LocalOnly', 'FALSE'],
      ['IncludeQualifiers', 'FALSE'],
      ['IncludeClassOrigin', 'FALSE'],
      [
        'InstanceName',
        {
          kind: 'path',
          className: 'A',
          keys: [
            {
              name: 'Antecedent',
              type: 'reference',
              value: {
                kind: 'path',
                host: 'localhost',
                namespace: 'root/cimv2',
                className: 'B',
                keys: [{ name: 'Id', type: undefined, value: 5 }],
              },
            },
          ],
        },
      ],
    ],
  },
  {
    client: 'wbemexec',
    what: 'an embedded instance that is not escaped at all',
    body: cimcli(
      `<METHODCALL NAME="DefineSystem">\n<LOCALCLASSPATH>\n${lines}<CLASSNAME NAME="Xen_VirtualSystemManagementService"/>\n</LOCALCLASSPATH>\n` +
        `<PARAMVALUE NAME="SystemSettings" PARAMTYPE="string">\n<VALUE>\n${settingsXml}\n</VALUE>\n</PARAMVALUE>\n</METHODCALL>\n`,
    ),
    expected: { kind: 'extrinsic', name: 'DefineSystem', target: { ...service, kind: 'classPath' } },
    parameters: [['SystemSettings', settings]],
  },
];
