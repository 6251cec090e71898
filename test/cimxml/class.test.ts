import { describe, expect, it } from 'vitest';
import type { CimClass, Flavor, ParameterDeclaration, PropertyDeclaration, Qualifier } from '../../src/cim/class.js';
import { NameMap, NameSet } from '../../src/cim/name.js';
import type { CimType, CimValue } from '../../src/cim/value.js';
import { contentOf } from './xml.js';

const usual: Flavor = { overridable: true, tosubclass: true, translatable: false };

const map = <T extends { readonly name: string }>(...items: readonly T[]) =>
  new NameMap(items.map((item) => [item.name, item] as const));

const qualifier = (name: string, type: CimType, value: CimValue, flavor: Partial<Flavor> = {}): Qualifier => ({
  name,
  type,
  isArray: Array.isArray(value),
  value,
  flavor: { ...usual, ...flavor },
  propagated: false,
});

const property = (name: string, more: Partial<PropertyDeclaration>): PropertyDeclaration => ({
  name,
  type: 'string',
  isArray: false,
  value: null,
  qualifiers: map<Qualifier>(),
  key: false,
  classOrigin: 'B',
  propagated: true,
  ...more,
});

const parameter = (name: string, more: Partial<ParameterDeclaration>): ParameterDeclaration => ({
  name,
  type: 'string',
  isArray: false,
  qualifiers: map<Qualifier>(),
  ...more,
});

const sample: CimClass = {
  kind: 'class',
  name: 'C',
  superclass: 'B',
  isAssociation: false,
  isIndication: false,
  isAbstract: false,
  qualifiers: map(
    qualifier('Description', 'string', 'a "b" & c', { translatable: true }),
    qualifier('Version', 'string', '1', { tosubclass: false }),
  ),
  properties: map(
    property('Name', { key: true, qualifiers: map(qualifier('Key', 'boolean', true, { overridable: false })) }),
    property('Size', { type: 'uint16', value: 7, classOrigin: 'C', propagated: false }),
    property('Many', { isArray: true, arraySize: 3, value: ['x', null] }),
    property('Ref', { type: 'reference', referenceClass: 'D' }),
    property('Inner', { embedded: 'instance' }),
  ),
  methods: map({
    name: 'Do',
    returnType: 'uint32' as const,
    qualifiers: map(qualifier('ValueMap', 'string', ['0', '..'])),
    parameters: map(
      parameter('A', { qualifiers: map(qualifier('In', 'boolean', true)) }),
      parameter('B', { isArray: true, type: 'uint8', arraySize: 2 }),
      parameter('E', { type: 'reference', referenceClass: 'D' }),
      parameter('F', { type: 'reference', isArray: true }),
    ),
    classOrigin: 'C',
    propagated: false,
  }),
  keys: ['Name'],
};

const property1 = (origin: string) =>
  `<PROPERTY NAME="Name" TYPE="string"${origin} PROPAGATED="true">` +
  '<QUALIFIER NAME="Key" TYPE="boolean" PROPAGATED="false" OVERRIDABLE="false"><VALUE>TRUE</VALUE></QUALIFIER></PROPERTY>';

describe('CLASS (DSP0201 5.2.1)', () => {
  it('is this, to the letter', () => {
    expect(contentOf({ kind: 'class', item: sample, selection: { classOrigin: false } })).toBe(
      '<IRETURNVALUE><CLASS NAME="C" SUPERCLASS="B">' +
        '<QUALIFIER NAME="Description" TYPE="string" PROPAGATED="false" TRANSLATABLE="true"><VALUE>a "b" &amp; c</VALUE></QUALIFIER>' +
        '<QUALIFIER NAME="Version" TYPE="string" PROPAGATED="false" TOSUBCLASS="false"><VALUE>1</VALUE></QUALIFIER>' +
        property1('') +
        '<PROPERTY NAME="Size" TYPE="uint16" PROPAGATED="false"><VALUE>7</VALUE></PROPERTY>' +
        '<PROPERTY.ARRAY NAME="Many" TYPE="string" ARRAYSIZE="3" PROPAGATED="true"><VALUE.ARRAY><VALUE>x</VALUE><VALUE.NULL/></VALUE.ARRAY></PROPERTY.ARRAY>' +
        '<PROPERTY.REFERENCE NAME="Ref" REFERENCECLASS="D" PROPAGATED="true"></PROPERTY.REFERENCE>' +
        '<PROPERTY NAME="Inner" TYPE="string" PROPAGATED="true" EmbeddedObject="instance"></PROPERTY>' +
        '<METHOD NAME="Do" TYPE="uint32" PROPAGATED="false">' +
        '<QUALIFIER NAME="ValueMap" TYPE="string" PROPAGATED="false"><VALUE.ARRAY><VALUE>0</VALUE><VALUE>..</VALUE></VALUE.ARRAY></QUALIFIER>' +
        '<PARAMETER NAME="A" TYPE="string"><QUALIFIER NAME="In" TYPE="boolean" PROPAGATED="false"><VALUE>TRUE</VALUE></QUALIFIER></PARAMETER>' +
        '<PARAMETER.ARRAY NAME="B" TYPE="uint8" ARRAYSIZE="2"></PARAMETER.ARRAY>' +
        '<PARAMETER.REFERENCE NAME="E" REFERENCECLASS="D"></PARAMETER.REFERENCE>' +
        '<PARAMETER.REFARRAY NAME="F"></PARAMETER.REFARRAY></METHOD></CLASS></IRETURNVALUE>',
    );
  });
  it('leaves out properties that are not in the list, and names origins when asked; PROPAGATED is always there', () => {
    const selection = { classOrigin: true, properties: new NameSet(['name']) };
    const { methods: _methods, ...rest } = sample;
    const item = { ...rest, methods: new NameMap<never>(), qualifiers: new NameMap<Qualifier>() };
    expect(contentOf({ kind: 'classes', items: [item], selection })).toBe(
      `<IRETURNVALUE><CLASS NAME="C" SUPERCLASS="B">${property1(' CLASSORIGIN="B"')}</CLASS></IRETURNVALUE>`,
    );
  });
  it('lies beside its path, for Associators of a class', () => {
    const path = { kind: 'classPath' as const, className: 'C', namespace: 'root/cimv2' };
    const written = contentOf({
      kind: 'classObjects',
      items: [[path, sample]],
      selection: { classOrigin: false, properties: new NameSet() },
    });
    expect(written).toMatch(/^<IRETURNVALUE><VALUE.OBJECTWITHPATH><CLASSPATH>.*<\/CLASSPATH><CLASS NAME="C"/);
  });
});

describe('QUALIFIER.DECLARATION (DSP0201 5.2.1)', () => {
  it('has its scope, its flavor where it is not the usual one, and its default', () => {
    const item = {
      name: 'Q',
      type: 'string' as const,
      isArray: true,
      arraySize: 2,
      value: ['a'],
      scope: new Set(['class', 'property'] as const),
      flavor: { overridable: false, tosubclass: false, translatable: true },
    };
    const bare = {
      name: 'R',
      type: 'boolean' as const,
      isArray: false,
      value: null,
      scope: new Set<never>(),
      flavor: usual,
    };
    expect(contentOf({ kind: 'qualifier', item })).toBe(
      '<IRETURNVALUE><QUALIFIER.DECLARATION NAME="Q" TYPE="string" ISARRAY="true" ARRAYSIZE="2" OVERRIDABLE="false" TOSUBCLASS="false" TRANSLATABLE="true">' +
        '<SCOPE CLASS="true" PROPERTY="true"/><VALUE.ARRAY><VALUE>a</VALUE></VALUE.ARRAY></QUALIFIER.DECLARATION></IRETURNVALUE>',
    );
    expect(contentOf({ kind: 'qualifiers', items: [bare] })).toBe(
      '<IRETURNVALUE><QUALIFIER.DECLARATION NAME="R" TYPE="boolean" ISARRAY="false"><SCOPE/></QUALIFIER.DECLARATION></IRETURNVALUE>',
    );
  });
});
