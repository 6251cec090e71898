/** What an outside client cannot do with the bridge and we know of. Meant to be empty; a test holds that each still fails. */
export interface KnownFailure {
  readonly client: string;
  /** The title of the test. */
  readonly title: string;
  readonly reason: string;
}

export const knownFailures: readonly KnownFailure[] = [];
