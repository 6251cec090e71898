import fc from 'fast-check';
import type {
  CimClass,
  MethodDeclaration,
  ParameterDeclaration,
  PropertyDeclaration,
  Qualifier,
  QualifierType,
} from '../../src/cim/class.js';
import { scopes } from '../../src/cim/class.js';
import type { CimInstance, PropertyShape } from '../../src/cim/instance.js';
import { fold, NameMap } from '../../src/cim/name.js';
import { type InstancePath, instancePath, type KeyBinding } from '../../src/cim/path.js';
import { type CimScalar, type CimType, type CimValue, cimTypes, integerRange, isWide } from '../../src/cim/value.js';

/*
 * Arbitrary CIM values of every kind, such as XML can hold.
 */

/** Text as XML can hold it: any character but the controls and noncharacters, all of markup among it. */
export const text: fc.Arbitrary<string> = fc
  .string({
    unit: fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom(...'ab <>&"\'\t\n\r]]>;#=', '&amp;', '<![CDATA[', ']]>', 'é', '😀', '\u2028'),
      },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }) },
    ),
    maxLength: 12,
  })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML cannot hold them
  .map((raw) => raw.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/gu, ''));

const identifier = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/);

const names = (maxLength: number) => fc.uniqueArray(identifier, { maxLength, selector: fold });

const digits = (max: number, width: number) => fc.nat({ max }).map((n) => String(n).padStart(width, '0'));

const timestamp = fc
  .tuple(
    digits(9999, 4),
    fc.constantFrom('01', '06', '12'),
    fc.constantFrom('01', '28'),
    digits(999_999, 6),
    digits(720, 3),
  )
  .map(([year, month, day, fraction, offset]) => `${year}${month}${day}235958.${fraction}+${offset}`);

const interval = fc.tuple(digits(99_999_999, 8), digits(999_999, 6)).map(([days, f]) => `${days}010203.${f}:000`);

const integer = (type: CimType): fc.Arbitrary<number | bigint> => {
  const [min, max] = integerRange[type]!;
  return fc.bigInt({ min, max }).map((value) => (isWide(type) ? value : Number(value)));
};

const character = text.map((value) => value.charAt(0)).filter((c) => c !== '' && !/[\ud800-\udfff]/.test(c));

/** A value of a type that is no reference. */
export function scalar(type: CimType): fc.Arbitrary<Exclude<CimScalar, object>> {
  if (type === 'string') return text;
  if (type === 'boolean') return fc.boolean();
  if (type === 'char16') return character;
  if (type === 'datetime') return fc.oneof(timestamp, interval);
  if (type === 'real32' || type === 'real64') return fc.double();
  return integer(type);
}

export const plainType: fc.Arbitrary<CimType> = fc.constantFrom(...cimTypes.filter((type) => type !== 'reference'));

const typedKey = (name: string): fc.Arbitrary<KeyBinding> =>
  plainType.chain((type) => scalar(type).map((value) => ({ name, type, value })));

const location = fc.oneof(
  fc.constant({}),
  fc.record({ namespace: fc.constantFrom('root/cimv2', 'a', 'a/b/c') }),
  fc.record({ namespace: fc.constant('root/cimv2'), host: text.filter((host) => host !== '') }),
);

/** Paths of any location, keys that are paths themselves among them. */
export const path: fc.Arbitrary<InstancePath> = fc.letrec<{ path: InstancePath; key: KeyBinding }>((tie) => ({
  key: fc.oneof(
    { depthSize: 'small' },
    identifier.chain(typedKey),
    fc.record({ name: identifier, type: fc.constant('reference' as const), value: tie('path') }),
  ),
  path: fc
    .tuple(identifier, fc.uniqueArray(tie('key'), { maxLength: 3, selector: ({ name }) => fold(name) }), location)
    .map(([className, keys, where]) => ({ ...instancePath(className, keys), ...where })),
})).path;

type Property = readonly [PropertyShape, CimValue];

const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 6 });

const plainProperty = (name: string): fc.Arbitrary<Property> =>
  fc.tuple(plainType, fc.boolean()).chain(([type, isArray]) => {
    const one = scalar(type);
    const value: fc.Arbitrary<CimValue> = isArray ? orNull(fc.array(orNull(one), { maxLength: 3 })) : orNull(one);
    return value.map((v): Property => [{ name, type, isArray }, v]);
  });

const referenceProperty = (name: string): fc.Arbitrary<Property> =>
  fc
    .tuple(orNull(path), fc.option(identifier, { nil: undefined }))
    .map(
      ([value, referenceClass]): Property => [
        { name, type: 'reference', isArray: false, ...(referenceClass && { referenceClass }) },
        value,
      ],
    );

const embeddedProperty = (name: string, inner: fc.Arbitrary<CimInstance>): fc.Arbitrary<Property> =>
  fc
    .tuple(fc.boolean(), fc.constantFrom('instance' as const, 'object' as const), orNull(inner))
    .map(
      ([isArray, embedded, value]): Property => [
        { name, type: 'string', isArray, embedded },
        isArray ? [value, null] : value,
      ],
    );

/** Instances in which others are embedded, that many deep at most. */
const instanceOf = (depth: number): fc.Arbitrary<CimInstance> =>
  fc.tuple(identifier, names(5)).chain(([className, propertyNames]) => {
    const property = (name: string) => {
      const plain = [plainProperty(name), referenceProperty(name)];
      return fc.oneof(...plain, ...(depth > 0 ? [embeddedProperty(name, instanceOf(depth - 1))] : []));
    };
    return fc.tuple(...propertyNames.map(property)).map((properties) => ({
      kind: 'instance' as const,
      shape: { className, properties: properties.map(([shape]) => shape) },
      values: properties.map(([, value]) => value),
    }));
  });

/** Instances with properties of every kind, others embedded in them. */
export const instance: fc.Arbitrary<CimInstance> = instanceOf(4);

const flavor = fc.record({ overridable: fc.boolean(), tosubclass: fc.boolean(), translatable: fc.boolean() });

const typedValue = fc.tuple(plainType, fc.boolean()).chain(([type, isArray]) =>
  (isArray ? fc.array(orNull(scalar(type)), { maxLength: 2 }) : scalar(type)).map((value) => ({
    type,
    isArray,
    value: value as CimValue,
  })),
);

const qualifiers: fc.Arbitrary<NameMap<Qualifier>> = names(2).chain((list) =>
  fc
    .tuple(
      ...list.map((name) =>
        fc.tuple(typedValue, flavor, fc.boolean()).map(([v, f, p]) => ({ name, ...v, flavor: f, propagated: p })),
      ),
    )
    .map((all) => new NameMap(all.map((one) => [one.name, one] as const))),
);

/** Qualifier types of any scope. */
export const qualifierType: fc.Arbitrary<QualifierType> = fc
  .tuple(identifier, typedValue, fc.subarray([...scopes]), flavor, fc.option(fc.nat(99), { nil: undefined }))
  .map(([name, typed, scope, how, size]) => ({
    name,
    ...typed,
    scope: new Set(scope),
    flavor: how,
    ...(typed.isArray && size !== undefined && { arraySize: size }),
  }));

const parameter = (name: string): fc.Arbitrary<ParameterDeclaration> =>
  fc.tuple(fc.constantFrom(...cimTypes), fc.boolean(), identifier, qualifiers).map(([type, isArray, other, q]) => ({
    name,
    type,
    isArray,
    ...(isArray && { arraySize: other.length }),
    ...(type === 'reference' && { referenceClass: other }),
    qualifiers: q,
  }));

const origin = fc.record({ classOrigin: identifier, propagated: fc.boolean() });

const propertyDeclaration = (name: string): fc.Arbitrary<PropertyDeclaration> =>
  fc.oneof(
    fc
      .tuple(typedValue, qualifiers, origin)
      .map(([typed, q, from]) => ({ name, ...typed, qualifiers: q, key: q.get('Key')?.value === true, ...from })),
    fc.tuple(identifier, origin).map(([referenceClass, from]) => ({
      name,
      type: 'reference' as const,
      isArray: false,
      referenceClass,
      value: null,
      qualifiers: new NameMap<Qualifier>(),
      key: false,
      ...from,
    })),
  );

const method = (name: string): fc.Arbitrary<MethodDeclaration> =>
  fc
    .tuple(
      plainType,
      names(3).chain((list) => fc.tuple(...list.map(parameter))),
      qualifiers,
      origin,
    )
    .map(([returnType, parameters, q, from]) => ({
      name,
      returnType,
      parameters: new NameMap(parameters.map((one) => [one.name, one] as const)),
      qualifiers: q,
      ...from,
    }));

/** Classes with properties, methods and qualifiers of every kind. */
export const cimClass: fc.Arbitrary<CimClass> = fc
  .tuple(
    identifier,
    fc.option(identifier, { nil: undefined }),
    names(4).chain((list) => fc.tuple(...list.map(propertyDeclaration))),
    names(2).chain((list) => fc.tuple(...list.map(method))),
    qualifiers,
  )
  .map(([name, superclass, properties, methods, q]) => ({
    kind: 'class',
    name,
    ...(superclass && { superclass }),
    isAssociation: q.get('Association')?.value === true,
    isIndication: q.get('Indication')?.value === true,
    isAbstract: q.get('Abstract')?.value === true,
    qualifiers: q,
    properties: new NameMap(properties.map((one) => [one.name, one] as const)),
    methods: new NameMap(methods.map((one) => [one.name, one] as const)),
    keys: properties.filter(({ key }) => key).map((one) => one.name),
  }));
