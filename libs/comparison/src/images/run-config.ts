import { createHash } from 'node:crypto';
import { type ImageConfig } from '@envarium/oci';
import { z } from 'zod';
import { quoted } from './words.js';

const Words = z.array(z.string());

/** What of an image's config matters when it runs, in one spelling: what is left out, null and empty are the same. */
export const RunConfig = z.object({
  architecture: z.string(),
  os: z.string(),
  variant: z.string(),
  env: z.array(z.tuple([z.string(), z.string()])).describe('sorted by name; of a name given twice the last counts'),
  entrypoint: Words,
  cmd: Words,
  user: z.string(),
  workingDir: z.string(),
  volumes: Words,
});
export type RunConfig = z.infer<typeof RunConfig>;

export function runConfigOf(config: ImageConfig): RunConfig {
  const { Env, Entrypoint, Cmd, User, WorkingDir, Volumes } = config.config ?? {};
  const env = new Map((Env ?? []).map(variable));
  return {
    architecture: config.architecture,
    os: config.os,
    variant: config.variant ?? '',
    env: [...env].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    entrypoint: Entrypoint ?? [],
    cmd: Cmd ?? [],
    user: User ?? '',
    workingDir: (WorkingDir ?? '') === '' ? '/' : (WorkingDir ?? ''),
    volumes: Object.keys(Volumes ?? {}).toSorted(),
  };
}

export function runConfigDigest(config: RunConfig): string {
  const { architecture, os, variant, env, entrypoint, cmd, user, workingDir, volumes } = config;
  const text = JSON.stringify([architecture, os, variant, env, entrypoint, cmd, user, workingDir, volumes]);
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

const NAMES = {
  architecture: 'the architecture',
  os: 'the operating system',
  variant: 'the variant of the architecture',
  entrypoint: 'the entry point',
  cmd: 'the command',
  user: 'the user',
  workingDir: 'the working directory',
  volumes: 'the volumes',
} as const;

const MAX_DIFFERENCES = 100;

/** One sentence for each difference. */
export function describeConfigDifferences(before: RunConfig, after: RunConfig): string[] {
  const settings = Object.entries(NAMES).flatMap(([key, name]) => {
    const [old, now] = [before[key as keyof typeof NAMES], after[key as keyof typeof NAMES]].map(spelled);
    return old === now ? [] : [`${name} was ${old} and is ${now}`];
  });
  const all = [...settings, ...describeVariables(new Map(before.env), new Map(after.env))];
  const rest = all.length - MAX_DIFFERENCES;
  return rest > 0 ? [...all.slice(0, MAX_DIFFERENCES), `and ${rest} more`] : all;
}

function describeVariables(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return names.flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    if (old === now) return [];
    if (old === undefined) return [`the variable ${name} was not set and is ${quoted(now ?? '')}`];
    if (now === undefined) return [`the variable ${name} was ${quoted(old)} and is not set`];
    return [`the variable ${name} was ${quoted(old)} and is ${quoted(now)}`];
  });
}

function spelled(value: string | readonly string[] | undefined): string {
  if (value === undefined || value.length === 0) return 'not set';
  return quoted(typeof value === 'string' ? value : JSON.stringify(value));
}

function variable(text: string): [string, string] {
  const equals = text.indexOf('=');
  return equals === -1 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}
