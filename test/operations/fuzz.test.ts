import fc from 'fast-check';
import { test } from 'vitest';
import type { CimClass, QualifierType } from '../../src/cim/class.js';
import { CimError } from '../../src/cim/error.js';
import type { Argument } from '../../src/cim/operation.js';
import { operations } from '../../src/operations/table.js';
import { runs } from '../fuzz/runs.js';
import { fakeSchemas } from './fake-schema.js';
import { admin, classPath, given, path, pool, system } from './pool.js';

const { execute } = pool();
const cimv2 = fakeSchemas.get('root/cimv2')!;
const classNames = [...cimv2.classes()].map(({ name }) => name);

const someClass = fc.oneof(
  fc.constantFrom(...classNames),
  fc.constantFrom('', '__proto__', 'CIM_Nothing'),
  fc.string(),
);
const someName = fc.oneof(fc.constantFrom('Name', 'GroupComponent', 'Key', 'Far', 'InstanceID', ''), fc.string());
const scalar = fc.oneof(
  fc.constantFrom('a', 'TRUE', 'false', '7', 'Xen_ComputerSystem', 'Xen_Single.InstanceID="one"'),
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.boolean(),
);
const simplePath = fc
  .tuple(someClass, fc.dictionary(someName, scalar, { maxKeys: 4 }), fc.boolean())
  .map(([name, keys, right]) => (right ? system('a') : path(name, keys)));
const anyPath = fc
  .tuple(someClass, fc.dictionary(someName, fc.oneof(scalar, simplePath), { maxKeys: 4 }), fc.option(someName))
  .map(([name, keys, namespace]) => ({ ...path(name, keys), ...(namespace !== null && { namespace }) }));

const argument: fc.Arbitrary<Argument> = fc.oneof(
  fc.constant(null),
  fc.constantFrom('TRUE', 'false', '', ...classNames),
  fc.string({ unit: 'binary' }),
  fc.array(fc.option(someName)),
  simplePath,
  anyPath,
  someClass.map(classPath),
  fc.array(simplePath, { maxLength: 2 }),
  fc.constant<QualifierType>(cimv2.qualifierTypes.get('Key')!),
  fc.constant<CimClass>(cimv2.class('Xen_Disk')!),
  fc.constant({ kind: 'instance', shape: { className: 'Xen_Disk', properties: [] }, values: [] } as const),
);

const call = fc.constantFrom(...Object.keys(operations)).chain((name) => {
  const parameters = Object.keys(operations[name]!.params);
  const named = fc.record(Object.fromEntries(parameters.map((parameter) => [parameter, argument])), {
    requiredKeys: [],
  });
  const extra = fc.oneof(
    { weight: 9, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.dictionary(fc.string(), argument) },
  );
  const namespace = fc.constantFrom('root/cimv2', 'root/cimv2', 'interop', 'root/interop', 'nowhere');
  return fc.tuple(
    fc.constant(name),
    fc.tuple(named, extra).map(([a, b]) => ({ ...b, ...a })),
    namespace,
  );
});

/** Carries the call out and takes the whole answer; what is no foreseen CimError falls through. */
async function settle(work: () => ReturnType<typeof execute>): Promise<void> {
  try {
    const result = await work();
    if ('items' in result) for (const _ of result.items);
  } catch (reason) {
    if (!(reason instanceof CimError) || reason.cause !== undefined) throw reason;
  }
}

test('any argument for any parameter of any operation gives a result or a CimError that was foreseen', async () => {
  await fc.assert(
    fc.asyncProperty(call, ([name, parameters, namespace]) =>
      settle(() =>
        execute(
          { kind: 'intrinsic', name, namespace, parameters: given(parameters as Record<string, Argument>) },
          admin,
        ),
      ),
    ),
    runs(2_000, 40_000),
  );
});

test('any name of anything gives a result or a CimError that was foreseen', async () => {
  const any = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('__proto__', 'constructor', 'GetClass', 'root/cimv2'),
  );
  await fc.assert(
    fc.asyncProperty(
      any,
      any,
      any,
      fc.oneof(anyPath, someClass.map(classPath)),
      async (name, namespace, key, target) => {
        const parameters = given({ [key]: 'x' });
        await settle(() => execute({ kind: 'intrinsic', name, namespace, parameters }, admin));
        await settle(() => execute({ kind: 'extrinsic', name, namespace, target, parameters }, admin));
      },
    ),
    runs(500, 10_000),
  );
});
