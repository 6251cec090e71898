import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { type ServerStage, startServer } from '../server-stage.js';
import { type Answer, count, pywbem, send, space, value } from './message.js';

/*
 * Pull operations as clients send them and see them answered. Clients that cannot be run here are represented by the
 * requests that they write (decisions.md 42); wbemcli has neither pull operations nor queries.
 */

let simulator: Simulator;
let state: string;
let stage: ServerStage;

const start = (): Promise<ServerStage> =>
  startServer([
    '--pool',
    simulator.url,
    '--pool-user',
    'root',
    '--pool-password-file',
    'password',
    '--state-dir',
    state,
  ]);

beforeAll(async () => {
  simulator = await startSimulator({ size: 'demo' });
  state = mkdtempSync(join(tmpdir(), 'state-'));
  stage = await start();
});
afterAll(async () => {
  await stage?.end();
  await simulator?.stop();
  if (state) rmSync(state, { recursive: true });
});

const ofClass = (name: string): string => `<IPARAMVALUE NAME="ClassName"><CLASSNAME NAME="${name}"/></IPARAMVALUE>`;
const ask = (operation: string, parameters: string, user?: string): Promise<Answer> =>
  send(stage.port, pywbem(operation, parameters), user);
const open = (most: number, more = ''): Promise<Answer> =>
  ask('OpenEnumerateInstances', ofClass('Xen_ComputerSystem') + value('MaxObjectCount', most) + more);
const pull = (context: string, most: number, operation = 'PullInstancesWithPath', user?: string): Promise<Answer> =>
  ask(operation, value('EnumerationContext', context) + value('MaxObjectCount', most), user);

const names = ({ content }: Answer): string[] =>
  [...content.matchAll(/NAME="Name"><KEYVALUE[^>]*>([^<]+)/g)].map(([, name]) => name!);

/** Pulls the rest; `between` is done before each. */
async function rest(first: Answer, most: number, between: () => Promise<void> = async () => {}): Promise<string[]> {
  const all = names(first);
  for (let last = first; last.end === false; ) {
    await between();
    last = await pull(last.context, most);
    expect(last.error).toBeUndefined();
    all.push(...names(last));
  }
  return all;
}

const everything = async (): Promise<string[]> =>
  names(await ask('EnumerateInstanceNames', ofClass('Xen_ComputerSystem')));

describe('an enumeration over the wire', () => {
  test('instances with their paths, host and namespace among them (DSP0200 5.4.2.24.3)', async () => {
    const first = await open(5);
    expect(first.end).toBe(false);
    expect(count(first.content, 'VALUE.INSTANCEWITHPATH')).toBe(5);
    expect(first.content).toContain(`<HOST>127.0.0.1:${stage.port}</HOST>`);
    const all = await rest(first, 7);
    expect(all.sort()).toEqual((await everything()).sort());
  });

  test('a restart of the bridge between any two pulls is not noticed', async () => {
    const first = await open(20);
    const again = async (): Promise<void> => {
      await stage.end();
      stage = await start();
    };
    expect((await rest(first, 20, again)).sort()).toEqual((await everything()).sort());
  });

  test('what was closed, spent or finished stays so over a restart', async () => {
    const [closed, spent] = [await open(1), await open(1)];
    expect((await ask('CloseEnumeration', value('EnumerationContext', closed.context))).error).toBeUndefined();
    const current = await pull(spent.context, 1);
    const finished = await open(1);
    await rest(finished, 1_000);
    await stage.end();
    stage = await start();
    for (const { context } of [closed, spent, finished]) expect((await pull(context, 1)).error?.code).toBe(21);
    expect((await pull(current.context, 1)).error).toBeUndefined();
  });

  test('another user cannot go on with it, and nobody with another key', async () => {
    const { context } = await open(1);
    const { name, password } = simulator.world.settings.users.find((user) => user.name !== 'root')!;
    expect((await pull(context, 1, 'PullInstancesWithPath', `${name}:${password}`)).error?.code).toBe(21);
    await stage.end();
    rmSync(join(state, 'signing.key'));
    stage = await start();
    const { error } = await pull(context, 1);
    expect(error?.code).toBe(21);
    expect(error?.description).toContain('context cannot be found');
  });

  test('the state folder holds a key and states, closed to others; a torn line does no harm', async () => {
    const first = await open(1);
    expect(readdirSync(state).filter((name) => name.endsWith('.part'))).toEqual([]);
    for (const name of ['signing.key', 'enumerations.log']) expect(statSync(join(state, name)).mode & 0o077).toBe(0);
    const log = readFileSync(join(state, 'enumerations.log'), 'utf8');
    expect(log).not.toContain(first.context.slice(0, 40));
    await stage.end();
    writeFileSync(join(state, 'enumerations.log'), `${log}Zm9v 3 99`);
    stage = await start();
    expect((await pull(first.context, 1)).error).toBeUndefined();
  });

  test('EnumerationCount tells what is left (DSP0200 5.4.2.24.15)', async () => {
    const first = await open(3);
    const { content } = await ask('EnumerationCount', value('EnumerationContext', first.context));
    const left = (await everything()).length - 3;
    expect(content).toBe(`<VALUE>${left}</VALUE>`);
    const filter = value('FilterQueryLanguage', 'DMTF:FQL') + value('FilterQuery', 'EnabledState = 2');
    const filtered = await open(0, filter);
    const unknown = await ask('EnumerationCount', value('EnumerationContext', filtered.context));
    expect([unknown.content, unknown.error]).toEqual(['', undefined]);
  });

  test('refusals have the codes of DSP0200', async () => {
    const codes: (number | undefined)[] = [];
    for (const more of [
      value('OperationTimeout', 0),
      value('ContinueOnError', true),
      value('FilterQueryLanguage', 'DMTF:XQL') + value('FilterQuery', 'a = 1'),
      value('FilterQueryLanguage', 'DMTF:FQL') + value('FilterQuery', 'a ='),
    ]) {
      codes.push((await open(1, more)).error?.code);
    }
    expect(codes).toEqual([22, 26, 14, 15]);
    expect((await ask('OpenEnumerateInstances', ofClass('Xen_Nothing'))).error?.code).toBe(5);
    expect((await ask('PullInstancePaths', value('EnumerationContext', 'x'))).error?.code).toBe(4);
  });
});

const machine = async (): Promise<string> => {
  const { content } = await ask('EnumerateInstanceNames', ofClass('Xen_ComputerSystem'));
  return /<INSTANCENAME.*?<\/INSTANCENAME>/.exec(content)![0];
};

interface Exchange {
  readonly client: string;
  readonly open: () => Promise<string>;
  readonly pull: (context: string) => string;
  readonly element: string;
}

const lines = (call: string): string =>
  '<?xml version="1.0" encoding="utf-8" ?>\n<CIM CIMVERSION="2.0" DTDVERSION="2.0">\n<MESSAGE ID="53015" PROTOCOLVERSION="1.0">\n' +
  `<SIMPLEREQ>\n${call}</SIMPLEREQ>\n</MESSAGE>\n</CIM>\n`;

const spaces = '<LOCALNAMESPACEPATH>\n<NAMESPACE NAME="root"/>\n<NAMESPACE NAME="cimv2"/>\n</LOCALNAMESPACEPATH>\n';

const pegasus = (operation: string, parameters: readonly (readonly [name: string, content: string])[]): string =>
  lines(
    `<IMETHODCALL NAME="${operation}">\n${spaces}${parameters
      .map(([name, content]) => `<IPARAMVALUE NAME="${name}">\n${content}</IPARAMVALUE>\n`)
      .join('')}</IMETHODCALL>\n`,
  );

const text = (content: string): string => `<VALUE>${content}</VALUE>\n`;

const sblim = (operation: string, parameters: string): string =>
  '<?xml version="1.0" encoding="UTF-8" ?>\n<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="12" PROTOCOLVERSION="1.0">' +
  `<SIMPLEREQ><IMETHODCALL NAME="${operation}">${space()}${parameters}</IMETHODCALL></SIMPLEREQ></MESSAGE></CIM>`;

/** Each opens, and pulls the next batch, in the words of its client. */
const exchanges: readonly Exchange[] = [
  {
    client: 'pywbem: IterEnumerateInstances with all that it sends',
    open: async () =>
      pywbem(
        'OpenEnumerateInstances',
        `${ofClass('CIM_ComputerSystem')}${value('DeepInheritance', 'TRUE')}${value('IncludeClassOrigin', 'FALSE')}` +
          '<IPARAMVALUE NAME="PropertyList"><VALUE.ARRAY><VALUE>Name</VALUE><VALUE>ElementName</VALUE></VALUE.ARRAY></IPARAMVALUE>' +
          value('OperationTimeout', 30) +
          value('ContinueOnError', 'FALSE') +
          value('MaxObjectCount', 10),
      ),
    pull: (context) =>
      pywbem('PullInstancesWithPath', value('EnumerationContext', context) + value('MaxObjectCount', 10)),
    element: 'VALUE.INSTANCEWITHPATH',
  },
  {
    client: 'Zenoss: small batches of paths with a timeout',
    open: async () =>
      pywbem(
        'OpenEnumerateInstancePaths',
        ofClass('Xen_Disk') + value('OperationTimeout', 60) + value('MaxObjectCount', 2),
      ),
    pull: (context) => pywbem('PullInstancePaths', value('EnumerationContext', context) + value('MaxObjectCount', 2)),
    element: 'INSTANCEPATH',
  },
  {
    client: 'OpenPegasus: cimcli pra, blanks and line ends, nothing wanted from the open',
    open: async () =>
      pegasus('OpenAssociatorInstances', [
        ['InstanceName', `${(await machine()).replaceAll('><', '>\n<')}\n`],
        ['AssocClass', '<CLASSNAME NAME="CIM_SystemDevice"/>\n'],
        ['ResultClass', ''],
        ['Role', text('')],
        ['IncludeClassOrigin', text('TRUE')],
        ['MaxObjectCount', text('0')],
      ]),
    pull: (context) =>
      pegasus('PullInstancesWithPath', [
        ['EnumerationContext', text(context)],
        ['MaxObjectCount', text('3')],
      ]),
    element: 'VALUE.INSTANCEWITHPATH',
  },
  {
    client: 'wbem-java: references with an FQL filter',
    open: async () =>
      sblim(
        'OpenReferenceInstancePaths',
        `<IPARAMVALUE NAME="InstanceName">${await machine()}</IPARAMVALUE>${value('FilterQueryLanguage', 'DMTF:FQL')}` +
          value('FilterQuery', 'NoSuchProperty = NULL') +
          value('ContinueOnError', 'false') +
          value('MaxObjectCount', 4),
      ),
    pull: (context) => sblim('PullInstancePaths', value('EnumerationContext', context) + value('MaxObjectCount', 4)),
    element: 'INSTANCEPATH',
  },
  {
    client: 'pywbem: IterQueryInstances, rows without paths',
    open: async () =>
      pywbem(
        'OpenQueryInstances',
        value('FilterQueryLanguage', 'DMTF:CQL') +
          value('FilterQuery', "SELECT Name, ElementName FROM CIM_ComputerSystem WHERE ElementName LIKE '.*'") +
          value('ReturnQueryResultClass', 'FALSE') +
          value('MaxObjectCount', 5),
      ),
    pull: (context) => pywbem('PullInstances', value('EnumerationContext', context) + value('MaxObjectCount', 5)),
    element: 'INSTANCE',
  },
];

describe('requests as clients write them', () => {
  for (const { client, open: opening, pull: pulling, element } of exchanges) {
    test(client, async () => {
      let answer = await send(stage.port, await opening());
      let batches = 0;
      for (; answer.end === false; batches++) {
        expect(answer.error).toBeUndefined();
        answer = await send(stage.port, pulling(answer.context));
        expect(answer.content.startsWith(`<${element}`)).toBe(true);
      }
      expect(answer.end).toBe(true);
      expect(answer.context).toBe('');
      expect(batches).toBeGreaterThan(0);
      // wbem-java takes no output parameters but these two, each with its type.
      expect(answer.xml.match(/<PARAMVALUE NAME="\w+"/g)).toHaveLength(2);
    });
  }

  test('the class of the rows comes when it is asked for', async () => {
    const query = value('FilterQueryLanguage', 'WQL') + value('FilterQuery', 'SELECT Name FROM Xen_ComputerSystem');
    const answer = await ask('OpenQueryInstances', query + value('ReturnQueryResultClass', 'TRUE'));
    expect(answer.xml).toContain('<PARAMVALUE NAME="QueryResultClass"><CLASS NAME="Xen_ComputerSystem"');
    expect(answer.xml.match(/<PROPERTY NAME="/g)).toHaveLength(1);
  });
});
