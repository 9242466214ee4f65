import { appendFileSync, existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { INSIDE } from '../cell/plan.js';
import { confine } from './container-config.js';
import type { ContainerConfig, ContainerPlan } from './container-plan.js';
import { canPreload } from './preload.js';

/*
 * Stands between a builder and runc: changes the container's configuration before the container is made, so that nothing of
 * ours has to be in the Dockerfile, its history, or the image.
 */
const parameters = process.argv.slice(2);
const bundle = valueOf('--bundle') ?? valueOf('-b');
if (bundle !== null) {
  const file = path.join(bundle, 'config.json');
  const plan = JSON.parse(readFileSync(INSIDE.containerPlan, 'utf8')) as ContainerPlan;
  const config = JSON.parse(readFileSync(file, 'utf8')) as ContainerConfig;
  const library = path.join(INSIDE.injected, 'libfaketime.so.1');
  const root = realpathSync(path.resolve(bundle, config.root.path));
  const facts = {
    id: (parameters.at(-1) ?? 'container').replaceAll(/[^\w.-]/g, '').slice(-64),
    canPreload: plan.clock !== null && existsSync(library) && canPreload(root, library),
    resolve: (name: string) => realpathSync(path.resolve(bundle, name)),
  };
  if (plan.clock !== null && !facts.canPreload)
    note("the clock is the host's: programs of this image cannot be told another time");
  writeFileSync(file, JSON.stringify(confine(config, plan, facts)));
}

function note(text: string): void {
  appendFileSync(INSIDE.notes, `note ${text}\n`);
}

function valueOf(option: string): string | null {
  const at = parameters.findIndex((parameter) => parameter === option || parameter.startsWith(`${option}=`));
  if (at < 0) return null;
  const parameter = parameters[at] ?? '';
  return parameter === option ? (parameters[at + 1] ?? null) : parameter.slice(option.length + 1);
}
