import { once } from 'node:events';
import { whole } from '../../hostile/target.js';
import { callXml, ofClass } from '../../intrinsic-call.js';
import { RawClient } from '../../raw-client.js';
import { type Child, startChild } from '../child.js';
import { downloadText } from '../client.js';
import { page, pause } from './figure.js';
import { enumeration, type Scene } from './scene.js';

const machines = ofClass('Xen_ComputerSystem');

const value = (name: string, text: string | number): string =>
  `<IPARAMVALUE NAME="${name}"><VALUE>${text}</VALUE></IPARAMVALUE>`;

const namesIn = (xml: string): string[] =>
  [...xml.matchAll(/<INSTANCENAME .*?NAME="Name"><KEYVALUE[^>]*>([^<]+)/g)].map(([, name]) => name!);

const names = async ({ bridge: { url } }: Scene): Promise<string[]> => namesIn(await downloadText(url, enumeration));

/** A reader that has had the beginning of an answer, and takes no more of it until it is told to go on. */
async function reader({ target }: Scene): Promise<() => Promise<string[]>> {
  const client = await RawClient.connect(target.port);
  client.send(whole(target, enumeration));
  await once(client.socket, 'data');
  client.socket.pause();
  return async () => {
    client.socket.resume();
    const { body } = await client.response(100_000);
    client.close();
    return namesIn(body.toString('utf8'));
  };
}

/** An enumeration by pulls, 50 names at a time. */
class Puller {
  readonly names: string[] = [];
  readonly #url: URL;
  #context = '';

  constructor({ bridge }: Scene) {
    this.#url = bridge.url;
  }

  open(): Promise<void> {
    return this.#ask(callXml('OpenEnumerateInstancePaths', machines + value('MaxObjectCount', 50)));
  }

  async pull(most = Number.POSITIVE_INFINITY): Promise<void> {
    for (let i = 0; i < most && this.#context !== ''; i++) {
      const parameters = value('EnumerationContext', this.#context) + value('MaxObjectCount', 50);
      await this.#ask(callXml('PullInstancePaths', parameters));
    }
  }

  async #ask(body: string): Promise<void> {
    const xml = await downloadText(this.#url, body);
    this.names.push(...namesIn(xml));
    const over = /NAME="EndOfSequence"[^>]*><VALUE>TRUE/.test(xml);
    this.#context = over ? '' : /NAME="EnumerationContext"[^>]*><VALUE>([^<]*)/.exec(xml)![1]!;
  }
}

async function kill({ pid }: Child): Promise<void> {
  process.kill(pid, 'SIGKILL');
  const alive = (): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  while (alive()) await pause(20);
}

async function becomes(status: number, { bridge }: Scene): Promise<void> {
  while ((await page(new URL('/readyz', bridge.url))).status !== status) await pause(100);
}

/**
 * Kills the simulator while enumerations are under way, by reading and by pulling, and starts it anew at its port, the same
 * pool: all of them have to be whole, and those while it is away and once it is back.
 */
export const killPool =
  (size: string) =>
  async (scene: Scene): Promise<string> => {
    const before = await names(scene);
    const readers = await Promise.all(Array.from({ length: 4 }, () => reader(scene)));
    const puller = new Puller(scene);
    await puller.open();
    const { port } = scene.simulator.url;
    await kill(scene.simulator);
    await becomes(503, scene);
    const away = await names(scene);
    await puller.pull(5);
    scene.simulator = await startChild('../../src/simulator/main.js', ['--size', size, '--port', port, '--control']);
    await puller.pull();
    const read = await Promise.all(readers.map((goOn) => goOn()));
    await becomes(200, scene);
    const all = [away, puller.names, ...read, await names(scene)];
    const wanted = [...before].sort().join();
    const whole = before.length > 1_000 && all.every((one) => [...one].sort().join() === wanted);
    return whole ? 'every enumeration whole' : `ENUMERATIONS DIFFER: ${all.map(({ length }) => length).join(', ')}`;
  };
