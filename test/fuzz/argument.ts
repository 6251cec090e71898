import fc from 'fast-check';
import type { MethodDeclaration, ParameterDeclaration } from '../../src/cim/class.js';
import { operations } from '../../src/operations/table.js';
import { escaped, space } from '../wire/message.js';

/*
 * Parameters of every operation and of every method as CIM-XML: some as they are meant, with what the pool really has, and
 * some of any other kind.
 */

/** What a pool has, as it stands in CIM-XML. */
export interface Stock {
  readonly classes: readonly string[];
  /** INSTANCENAME elements of the pool's instances. */
  readonly names: readonly string[];
  /** By the name of the method. */
  readonly methods: ReadonlyMap<string, readonly Callable[]>;
  /** Contexts of enumerations that were opened since, the newest last. */
  readonly contexts: string[];
}

/** A method of a class that has instances, and their names. */
export interface Callable {
  readonly method: MethodDeclaration;
  readonly targets: readonly string[];
}

type Xml = fc.Arbitrary<string>;

const value = (text: string): string => `<VALUE>${escaped(text)}</VALUE>`;
const array = (texts: readonly (string | null)[]): string =>
  `<VALUE.ARRAY>${texts.map((text) => (text === null ? '<VALUE.NULL/>' : value(text))).join('')}</VALUE.ARRAY>`;

/** Characters that XML can carry. */
const text = fc
  .string({ unit: 'binary', maxLength: 12 })
  .map((given) => given.replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD]/gu, '?'));

const uuidIn = (name: string): string => /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(name)?.[0] ?? 'x';

const odd = [
  '',
  '0',
  '1',
  '-1',
  '4294967295',
  '18446744073709551616',
  '1.5',
  'TRUE',
  'false',
  'NULL',
  'a'.repeat(5_000),
];
const words = fc.oneof(
  fc.constantFrom(...odd, 'Name', 'ElementName', '20261122100000.000000+060', '%', 'WQL', 'DMTF:CQL', 'DMTF:FQL'),
  text,
);

const queries = fc.constantFrom(
  'SELECT * FROM CIM_ManagedElement WHERE Name LIKE "%a%"',
  "SELECT Name FROM Xen_ComputerSystem WHERE EnabledState = 2 AND ElementName <> 'x'",
  'SELECT * FROM Xen_Processor WHERE LoadPercentage > 1.5',
  'SELECT * FROM CIM_X WHERE a ISA b',
  'OperationalStatus[0] = 2',
  "Name = 'a' OR NOT EnabledState > 3",
);

/** A parameter's content of any kind at all. */
const anything = ({ classes, names }: Stock): Xml =>
  fc.oneof(
    words.map(value),
    fc.array(fc.option(words), { maxLength: 3 }).map(array),
    fc.constantFrom(...classes).map((name) => `<CLASSNAME NAME="${name}"/>`),
    fc.constantFrom(...names),
    fc.constantFrom(...names).map((name) => `<VALUE.REFERENCE>${name}</VALUE.REFERENCE>`),
    fc.constantFrom('', '<INSTANCE CLASSNAME="Xen_Disk"></INSTANCE>', '<CLASSNAME NAME=""/>'),
  );

/** The name of an instance with something of it changed. */
const bent = ({ names }: Stock): Xml =>
  fc.tuple(fc.constantFrom(...names), fc.nat(), words).map(([name, at, word]) => {
    const values = name.match(/<KEYVALUE[^>]*>[^<]*/g) ?? [];
    const one = values[at % Math.max(1, values.length)];
    return one === undefined ? name : name.replace(one, () => `${one.replace(/>.*/s, '>')}${escaped(word)}`);
  });

const instanceOf = ({ classes }: Stock): Xml =>
  fc
    .tuple(
      fc.constantFrom(...classes),
      fc.dictionary(fc.constantFrom('ElementName', 'Name', 'InstanceID', 'Description'), words),
    )
    .map(([name, values]) => {
      const properties = Object.entries(values).map(
        ([property, one]) => `<PROPERTY NAME="${property}" TYPE="string">${value(one)}</PROPERTY>`,
      );
      return `<INSTANCE CLASSNAME="${name}">${properties.join('')}</INSTANCE>`;
    });

/** What a parameter of that name is meant to hold. */
function meant(name: string, stock: Stock): Xml {
  const className = fc.constantFrom(...stock.classes).map((one) => `<CLASSNAME NAME="${one}"/>`);
  const instanceName = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...stock.names) },
    { weight: 1, arbitrary: bent(stock) },
  );
  const table: Readonly<Record<string, Xml>> = {
    ClassName: className,
    ResultClass: className,
    AssocClass: className,
    ObjectName: fc.oneof({ weight: 3, arbitrary: instanceName }, { weight: 1, arbitrary: className }),
    InstanceName: instanceName,
    PropertyList: fc.array(fc.constantFrom('Name', 'ElementName', 'InstanceID', 'x'), { maxLength: 3 }).map(array),
    PropertyName: fc.constantFrom('ElementName', 'Name', 'EnabledState', 'x').map(value),
    QualifierName: fc.constantFrom('Key', 'Description', 'x').map(value),
    MaxObjectCount: fc.constantFrom('0', '1', '7', '1000').map(value),
    OperationTimeout: fc.constantFrom('0', '1', '60').map(value),
    EnumerationContext: fc.nat(50).map((back) => value(stock.contexts.at(-1 - back) ?? 'x')),
    QueryLanguage: fc.constantFrom('WQL', 'DMTF:CQL').map(value),
    Query: queries.map(value),
    FilterQueryLanguage: fc.constant(value('DMTF:FQL')),
    FilterQuery: queries.map(value),
    NewInstance: instanceOf(stock),
    ModifiedInstance: fc
      .tuple(instanceName, instanceOf(stock))
      .map(([path, instance]) => `<VALUE.NAMEDINSTANCE>${path}${instance}</VALUE.NAMEDINSTANCE>`),
    NewValue: words.map(value),
  };
  const role = fc.constantFrom('Antecedent', 'Dependent', 'GroupComponent', 'x').map(value);
  return table[name] ?? (/Role$/.test(name) ? role : fc.constantFrom('TRUE', 'FALSE').map(value));
}

const mostly = (first: Xml, second: Xml): Xml =>
  fc.oneof({ weight: 30, arbitrary: first }, { weight: 1, arbitrary: second });

/** A call of any intrinsic operation. */
export const intrinsic = (stock: Stock): Xml =>
  fc.constantFrom(...Object.keys(operations)).chain((name) => {
    const parameters = Object.keys(operations[name]!.params);
    const given = Object.fromEntries(parameters.map((one) => [one, mostly(meant(one, stock), anything(stock))]));
    const required = parameters.filter((one) =>
      /^(?!Filter).*(Name|Context|Query|QueryLanguage|Instance|MaxObjectCount)$/.test(one),
    );
    const needed = Object.fromEntries(required.map((one) => [one, given[one]!]));
    const chosen = fc.oneof(
      { weight: 4, arbitrary: fc.record(needed) },
      { weight: 5, arbitrary: fc.record(given, { requiredKeys: required }) },
      { weight: 1, arbitrary: fc.record(given, { requiredKeys: [] }) },
    );
    return chosen.map((all) => {
      const content = Object.entries(all).map(([one, xml]) => `<IPARAMVALUE NAME="${one}">${xml}</IPARAMVALUE>`);
      return `<IMETHODCALL NAME="${name}">${space()}${content.join('')}</IMETHODCALL>`;
    });
  });

/** What a method's parameter is meant to hold. */
function declared({ type, referenceClass, embedded, isArray }: ParameterDeclaration, stock: Stock): Xml {
  const fitting = stock.names.filter((name) => name.includes(`"${referenceClass?.replace('CIM_', 'Xen_')}"`));
  const some = fc.constantFrom(...(fitting.length > 0 ? fitting : stock.names));
  if (type === 'reference') {
    const one = some.map((name) => `<VALUE.REFERENCE>${name}</VALUE.REFERENCE>`);
    return isArray
      ? fc.array(one, { maxLength: 2 }).map((all) => `<VALUE.REFARRAY>${all.join('')}</VALUE.REFARRAY>`)
      : one;
  }
  const texts = fc.oneof(words, some.map(uuidIn), some);
  const integers = fc.oneof({ weight: 6, arbitrary: fc.nat(12).map(String) }, { weight: 1, arbitrary: words });
  const setting = fc
    .tuple(some, words)
    .map(
      ([name, word]) =>
        `instance of ${referenceClass ?? 'CIM_X'} { InstanceID = "Xen:${uuidIn(name)}"; ElementName = "${word.replace(/[^\w ]/g, '')}"; };`,
    );
  const plain = type === 'boolean' ? fc.constantFrom('TRUE', 'false') : /int/.test(type) ? integers : texts;
  const single = embedded ? fc.oneof(setting, instanceOf(stock)) : plain;
  return isArray ? fc.array(fc.option(single, { freq: 5 }), { maxLength: 3 }).map(array) : single.map(value);
}

/** A call of any method on an instance that has it. */
export const extrinsic = (stock: Stock): Xml =>
  fc
    .constantFrom(...[...stock.methods.values()].map((all) => fc.constantFrom(...all)))
    .chain((callable) => callable)
    .chain(({ method, targets }) => {
      const parameters = [...method.parameters];
      const given = Object.fromEntries(
        parameters.map((one) => [one.name, mostly(declared(one, stock), anything(stock))] as const),
      );
      return fc
        .tuple(fc.constantFrom(...targets), fc.record(given, { requiredKeys: [] }), fc.boolean())
        .map(([target, all, typed]) => {
          const content = Object.entries(all).map(([name, xml]) => {
            const { type } = method.parameters.get(name)!;
            return `<PARAMVALUE NAME="${name}"${typed ? ` PARAMTYPE="${type}"` : ''}>${xml}</PARAMVALUE>`;
          });
          const path = `<LOCALINSTANCEPATH>${space()}${target}</LOCALINSTANCEPATH>`;
          return `<METHODCALL NAME="${method.name}">${path}${content.join('')}</METHODCALL>`;
        });
    });
