/** Variables in force in one build stage; a value the file does not tell, or must not repeat, is undefined. */
export interface Stage {
  /** AS name, else the number of the stage */
  readonly name: string;
  /** the earlier stage this one starts from */
  readonly parent: Stage | null;
  readonly env: Map<string, string | undefined>;
  readonly args: Map<string, string | undefined>;
}

/** ENV wins over ARG; both are inherited from the parent stage. https://docs.docker.com/reference/dockerfile/#scope */
export function lookupVariable(stage: Stage, name: string): string | undefined {
  for (const scope of ['env', 'args'] as const) {
    for (let each: Stage | null = stage; each !== null; each = each.parent) {
      if (each[scope].has(name)) return each[scope].get(name);
    }
  }
  return undefined;
}

/** Whether the file sets or declares a variable; all others may come with the base image. */
export function isDeclared(stage: Stage, name: string): boolean {
  for (let each: Stage | null = stage; each !== null; each = each.parent) {
    if (each.env.has(name) || each.args.has(name)) return true;
  }
  return false;
}

/** What the image of a stage is started with, as far as the file tells. */
export function environmentOf(stage: Stage): Map<string, string | undefined> {
  const chain: Stage[] = [];
  for (let each: Stage | null = stage; each !== null; each = each.parent) chain.unshift(each);
  return new Map(chain.flatMap((each) => [...each.env]));
}
