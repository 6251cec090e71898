import type { CimInstance, PropertyShape, Shape } from '../cim/instance.js';
import type { NameSet } from '../cim/name.js';
import type { Selection } from '../cim/operation.js';
import type { CimScalar, CimValue } from '../cim/value.js';
import { escapeAttribute } from './escape.js';
import { encodeEmbeddedAttribute, encodeItems, encodeReferenceValue, encodeScalar } from './value-out.js';

/**
 * All of a property's element that is the same in every instance, and how its value is written. What follows a value also
 * closes the element before it, so that a value costs two pieces of text and not three.
 */
interface Column {
  readonly index: number;
  /** The element of a NULL. The end tag is written out: wbemcli reads no empty-element tag here. */
  readonly absent: string;
  readonly absentAfterValue: string;
  readonly open: string;
  readonly openAfterValue: string;
  readonly content: (value: Exclude<CimValue, null>) => string;
}

interface Plan {
  readonly open: string;
  readonly columns: readonly Column[];
  /** The end, after a NULL and after a value. */
  readonly close: string;
  readonly closeAfterValue: string;
}

function contentOf({ type, isArray }: PropertyShape): Column['content'] {
  if (isArray) return (value) => encodeItems(type, value as readonly (CimScalar | null)[]);
  if (type === 'reference') return (value) => encodeReferenceValue(value as CimScalar);
  return (value) => encodeScalar(type, value as CimScalar);
}

/** The start of a PROPERTY, PROPERTY.ARRAY or PROPERTY.REFERENCE, and the elements between it and its value. */
function elementsOf({ type, isArray }: PropertyShape): { readonly element: string; readonly wrapper: string } {
  if (type === 'reference') return { element: 'PROPERTY.REFERENCE', wrapper: '' };
  return isArray ? { element: 'PROPERTY.ARRAY', wrapper: 'VALUE.ARRAY' } : { element: 'PROPERTY', wrapper: 'VALUE' };
}

function attributesOf(property: PropertyShape, classOrigin: boolean): string {
  const { name, type, referenceClass, classOrigin: origin } = property;
  let out = ` NAME="${escapeAttribute(name)}"`;
  if (type !== 'reference') out += ` TYPE="${type}"`;
  else if (referenceClass !== undefined) out += ` REFERENCECLASS="${escapeAttribute(referenceClass)}"`;
  if (classOrigin && origin !== undefined) out += ` CLASSORIGIN="${escapeAttribute(origin)}"`;
  if (classOrigin && property.propagated) out += ' PROPAGATED="true"';
  return out + encodeEmbeddedAttribute(property.embedded);
}

interface Tags {
  readonly open: string;
  readonly close: string;
  readonly absent: string;
}

function tagsOf(property: PropertyShape, classOrigin: boolean): Tags {
  const { element, wrapper } = elementsOf(property);
  if (property.type === 'reference' && property.isArray)
    throw new TypeError(`property ${property.name} is an array of references, which CIM-XML cannot write (DSP0201)`);
  const start = `<${element}${attributesOf(property, classOrigin)}>`;
  const end = `</${element}>`;
  if (wrapper === '') return { open: start, close: end, absent: start + end };
  return { open: `${start}<${wrapper}>`, close: `</${wrapper}>${end}`, absent: start + end };
}

/** The same text in one piece: V8 keeps what was joined as a tree, which would be walked anew for every instance. */
const flat = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');

function makePlan(shape: Shape, { properties, classOrigin }: Selection): Plan {
  const columns: Column[] = [];
  let before = '';
  shape.properties.forEach((property, index) => {
    if (properties && !properties.has(property.name)) return;
    const { open, close, absent } = tagsOf(property, classOrigin);
    columns.push({
      index,
      absent: flat(absent),
      absentAfterValue: flat(before + absent),
      open: flat(open),
      openAfterValue: flat(before + open),
      content: contentOf(property),
    });
    before = close;
  });
  const open = flat(`<INSTANCE CLASSNAME="${escapeAttribute(shape.className)}">`);
  return { open, columns, close: '</INSTANCE>', closeAfterValue: flat(`${before}</INSTANCE>`) };
}

type Plans = WeakMap<Shape, Plan>;

/** The plans of whole instances, and those of each property list, which go when the request that brought it is done. */
const whole = { plain: new WeakMap() as Plans, origin: new WeakMap() as Plans };
const partial = { plain: new WeakMap<NameSet, Plans>(), origin: new WeakMap<NameSet, Plans>() };

function plansOf({ properties, classOrigin }: Selection): Plans {
  const which = classOrigin ? 'origin' : 'plain';
  if (properties === undefined) return whole[which];
  const known = partial[which].get(properties);
  if (known) return known;
  const plans: Plans = new WeakMap();
  partial[which].set(properties, plans);
  return plans;
}

function planOf(shape: Shape, selection: Selection): Plan {
  const plans = plansOf(selection);
  const known = plans.get(shape);
  if (known) return known;
  const plan = makePlan(shape, selection);
  plans.set(shape, plan);
  return plan;
}

/** How one property stands in the whole instance: what its element begins and ends with, and all of it. */
export interface ColumnText {
  readonly start: Buffer;
  readonly end: Buffer;
  readonly text: (value: CimValue) => string;
}

const columnTexts = new WeakMap<PropertyShape, ColumnText>();

/** The column of a property, by its index in the shape, without its class origin. */
export function columnOf(shape: Shape, index: number): ColumnText {
  const property = shape.properties[index]!;
  const known = columnTexts.get(property);
  if (known) return known;
  const { open, close, absent } = tagsOf(property, false);
  const { element } = elementsOf(property);
  const content = contentOf(property);
  const made = {
    start: Buffer.from(`<${element} NAME="${escapeAttribute(property.name)}"`, 'utf8'),
    end: Buffer.from(`</${element}>`, 'utf8'),
    text: (value: CimValue) => (value === null || value === undefined ? absent : open + content(value) + close),
  };
  columnTexts.set(property, made);
  return made;
}

/** INSTANCE, with the selected properties in the order of the shape. Depends on nothing but its arguments. */
export function encodeInstance(instance: CimInstance, selection: Selection): string {
  const plan = planOf(instance.shape, selection);
  const { values } = instance;
  let out = plan.open;
  let afterValue = false;
  for (const column of plan.columns) {
    const value = values[column.index];
    if (value === null || value === undefined) {
      out += afterValue ? column.absentAfterValue : column.absent;
      afterValue = false;
    } else {
      out += afterValue ? column.openAfterValue : column.open;
      out += column.content(value);
      afterValue = true;
    }
  }
  return out + (afterValue ? plan.closeAfterValue : plan.close);
}
