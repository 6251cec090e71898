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
export const smallBuild = 65_535n;
