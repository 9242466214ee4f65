/**
 * The environment of a program that we run: our own, with some variables set. Loads nothing, for the launcher's sake.
 */
export function programEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return { ...process.env, ...variables };
}
