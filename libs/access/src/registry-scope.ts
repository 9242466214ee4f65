import { RegistryAction } from './registry-token.js';

export interface RegistryScope {
  readonly name: string;
  readonly actions: ReadonlySet<RegistryAction>;
}

/**
 * Reads `repository:<name>:<actions>` scopes: repeated, or separated by blanks; actions in any order, unknown ones
 * dropped; `*` means all. The same repository may occur several times.
 * https://distribution.github.io/distribution/spec/auth/scope/
 */
export function parseRegistryScopes(values: readonly string[]): RegistryScope[] {
  const scopes = new Map<string, Set<RegistryAction>>();
  for (const scope of values.flatMap((value) => value.split(/\s+/)).slice(0, 64)) {
    const match = /^repository(?:\([^)]*\))?:(?<name>[^\s]+):(?<actions>[a-z,*]+)$/.exec(scope);
    if (match?.groups === undefined) continue;
    const { name = '', actions = '' } = match.groups;
    const known = scopes.get(name) ?? new Set<RegistryAction>();
    for (const action of actions.split(',')) {
      if (action === '*') for (const each of RegistryAction.options) known.add(each);
      const parsed = RegistryAction.safeParse(action);
      if (parsed.success) known.add(parsed.data);
    }
    scopes.set(name, known);
  }
  return [...scopes].map(([name, actions]) => ({ name, actions }));
}
