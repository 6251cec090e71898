/** What stands in the place of a secret: whether it is set can be seen, what it is cannot. */
export const MASK = '********';

const passwordLike = /passw|passphrase|pwd|secret|credential|private[-_.]?key|api[-_.]?key|token|^pass$/i;

interface Rule {
  readonly of: string;
  readonly field: string;
  /** The map's keys whose values are hidden. */
  readonly hides: (key: string) => boolean;
  /** A field that is a text: it is hidden as a whole. */
  readonly whole?: true;
}

const all = () => true;

/**
 * What is hidden when a record is read, before anything else of the bridge sees it (decisions.md 36). The first rule
 * that names a field counts; `*` is any class or any map from string to string (other_config, device_config,
 * xenstore_data, sm_config, power_on_config and whatever comes later). A map of a record must therefore never be
 * written back whole: XenAPI add_to_ and remove_from_ change one key.
 */
const rules: readonly Rule[] = [
  { of: 'host', field: 'external_auth_configuration', hides: (key) => key !== 'domain' },
  { of: 'pool', field: 'external_auth_configuration', hides: (key) => key !== 'domain' },
  { of: 'session', field: 'uuid', hides: all, whole: true },
  { of: 'VM', field: 'snapshot_metadata', hides: all, whole: true },
  { of: 'VM', field: 'NVRAM', hides: all },
  {
    of: 'PBD',
    field: 'device_config',
    hides: (key) => passwordLike.test(key) || /^(cifs|chap|incoming_chap)?user(name)?$/i.test(key),
  },
  { of: '*', field: '*', hides: (key) => passwordLike.test(key) },
];

const ruleFor = (of: string, field: string): Rule =>
  rules.find((rule) => (rule.of === of || rule.of === '*') && (rule.field === field || rule.field === '*'))!;

/** Whether the field, a text, is hidden as a whole. */
export const isSecretText = (of: string, field: string): boolean => ruleFor(of, field).whole === true;

const remembered = 4096;

/** The test for the keys of a map field whose values are hidden. Keys recur, so verdicts are remembered (bounded). */
export function secretKeys(of: string, field: string): (key: string) => boolean {
  const { hides } = ruleFor(of, field);
  const verdicts = new Map<string, boolean>();
  return (key) => {
    const known = verdicts.get(key);
    if (known !== undefined) return known;
    const verdict = hides(key);
    if (verdicts.size < remembered) verdicts.set(key, verdict);
    return verdict;
  };
}
