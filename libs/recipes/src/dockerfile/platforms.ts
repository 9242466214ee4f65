/** Arguments that every builder knows. https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope */
export function platformArguments(platform: string): Map<string, string> {
  const [os = '', architecture = '', variant = ''] = platform.split('/');
  return new Map(
    ['TARGET', 'BUILD'].flatMap((side): [string, string][] => [
      [`${side}PLATFORM`, platform],
      [`${side}OS`, os],
      [`${side}ARCH`, architecture],
      [`${side}VARIANT`, variant],
    ]),
  );
}

/** Arguments that may be declared without a value: the builder gives them, or works as well without them. */
const PREDEFINED =
  /^(?:(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)|(?:https?|ftp|no|all)_proxy|SOURCE_DATE_EPOCH|DEBIAN_FRONTEND)$/i;

export function isPredefined(name: string): boolean {
  return PREDEFINED.test(name);
}
