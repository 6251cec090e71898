const numbered = /^(\d+)\.(\d+)(?:\.(\d+))?(?:[.+-](\d+)(?![\d.]))?/;

/** Major, minor and revision of a version such as `4.17.3-9`; NULL what is not there, all of one that begins otherwise. */
export function numbersOf(version: string): readonly [bigint | null, bigint | null, bigint | null] {
  const [, ...parts] = numbered.exec(version) ?? [];
  const at = (index: number): bigint | null => (parts[index] === undefined ? null : BigInt(parts[index]));
  return [at(0), at(1), at(2)];
}

/** The build as a number: the one told, where it is a number, else the fourth of the version's. */
export function buildOf(version: string, told: string | undefined): bigint | null {
  if (told !== undefined && told !== '') return /^\d{1,19}$/.test(told) ? BigInt(told) : null;
  const build = numbered.exec(version)?.[4];
  return build === undefined ? null : BigInt(build);
}

/** Where a build number is shown: BuildNumber up to this one, LargeBuildNumber beyond. */
const smallBuild = 65_535n;

/** The numbers of a version, as CIM_SoftwareIdentity has them apart. */
interface Numbers {
  readonly VersionString: string | null;
  readonly MajorVersion: bigint | null;
  readonly MinorVersion: bigint | null;
  readonly RevisionNumber: bigint | null;
  readonly BuildNumber: bigint | null;
  readonly LargeBuildNumber: bigint | null;
  readonly IsLargeBuildNumber: boolean;
}

function numbers(version: string, told: string | undefined): Numbers {
  const [MajorVersion, MinorVersion, RevisionNumber] = numbersOf(version);
  const build = buildOf(version, told);
  const large = build !== null && build > smallBuild;
  return {
    VersionString: version === '' ? null : version,
    MajorVersion,
    MinorVersion,
    RevisionNumber,
    BuildNumber: large ? null : build,
    LargeBuildNumber: large ? build : null,
    IsLargeBuildNumber: large,
  };
}

/** The properties that show a version, which `version` and `build` tell. */
export function versionProperties<X extends readonly unknown[]>(
  version: (...subject: X) => string,
  build: (...subject: X) => string | undefined = () => undefined,
) {
  const show = <K extends keyof Numbers>(name: K) => ({
    calc: (...subject: X): Numbers[K] => numbers(version(...subject), build(...subject))[name],
  });
  return {
    VersionString: show('VersionString'),
    MajorVersion: show('MajorVersion'),
    MinorVersion: show('MinorVersion'),
    RevisionNumber: show('RevisionNumber'),
    BuildNumber: show('BuildNumber'),
    LargeBuildNumber: show('LargeBuildNumber'),
    IsLargeBuildNumber: show('IsLargeBuildNumber'),
  };
}
