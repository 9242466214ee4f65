import type { GeneratedPlan, Step } from '../plan.js';
import { recipeInvalid } from '../refusal.js';
import { DEBIAN_TOOLCHAINS, type ToolchainName } from '../toolchains.js';
import { cleanCommands, cleanHomeCommands, wrap } from './clean.js';
import { DockerfileWriter, shellWord } from './dockerfile-writer.js';
import { stepCommands, type StepPart } from './step-commands.js';
import type { Download, RenderOptions } from './render-recipe.js';

const WORK = '/work';

/** https://docs.docker.com/reference/dockerfile/; in the order of repo2docker: tools, packages, the deposit, postBuild, start. */
export function renderDockerfile(plan: GeneratedPlan, options: RenderOptions): string {
  const work = workDirectory(options);
  const writer = new DockerfileWriter();
  writer.line(`# Made by envarium from package files: ${plan.kind}.`);
  writer.line(`FROM ${options.base}`);
  writer.line('ARG SOURCE_DATE_EPOCH');
  writer.line('ARG DEBIAN_FRONTEND=noninteractive');
  writer.line('ENV LC_ALL=C.UTF-8 TZ=UTC');
  writeDebianPackages(writer, plan);
  writeTools(writer, plan, options);
  writer.line('');
  writer.line(`WORKDIR ${work}`);
  for (const step of plan.steps) writeStep(writer, stepCommands(step, 'before', options, plan.toolchain));
  writer.part('The deposit.');
  writer.copy(['src/'], './');
  for (const step of plan.steps) writeStep(writer, stepCommands(step, 'after', options, plan.toolchain));
  writeUser(writer, plan, options, work);
  writePrograms(writer, plan.steps, options, work);
  return writer.text();
}

function workDirectory({ workDirectory: work = WORK }: RenderOptions): string {
  if (!/^(?:\/[A-Za-z0-9_][\w.-]*)+$/.test(work))
    throw recipeInvalid(null, null, 'The work directory is no plain absolute path.');
  return work;
}

function writeDebianPackages(writer: DockerfileWriter, { toolchain, toolchains, aptPackages }: GeneratedPlan): void {
  const tools = toolchain === 'apt' ? toolchains.flatMap(debianPackages) : [];
  const packages = [...new Set([...tools, ...aptPackages])].sort();
  if (packages.length === 0) return;
  writer.part('Debian packages.');
  writer.run(['apt-get update', wrap('apt-get install -y --no-install-recommends', packages), ...cleanCommands()]);
}

/** Who fetches over https must know whom to trust. */
function debianPackages(name: ToolchainName): string[] {
  return ['ca-certificates', ...(DEBIAN_TOOLCHAINS[name]?.packages ?? [])];
}

function writeTools(writer: DockerfileWriter, plan: GeneratedPlan, options: RenderOptions): void {
  const { toolchain, toolchains } = plan;
  if (toolchains.includes('conda')) {
    writer.part('Conda, by micromamba.');
    if (toolchain === 'apt') writeMicromamba(writer, required(options.micromamba, 'micromamba'));
    writer.line('ENV CONDA_PREFIX=/opt/conda PATH=/opt/conda/bin:$PATH');
  }
  if (toolchains.includes('julia')) {
    writer.part('Julia.');
    if (toolchain === 'apt') writeJulia(writer, required(options.julia, 'Julia'));
    writer.line('ENV JULIA_DEPOT_PATH=/opt/julia-depot');
  }
  if (toolchains.includes('go')) {
    writer.part('Go.');
    writer.line('ENV GOPATH=/opt/go');
  }
  if (toolchains.includes('python')) {
    writer.part('Python, in an environment of its own.');
    writer.line('ENV VIRTUAL_ENV=/opt/venv PATH=/opt/venv/bin:$PATH');
    writer.run(['python3 -m venv /opt/venv', ...cleanCommands()]);
  }
}

function required(download: Download | undefined, name: string): Download {
  if (download === undefined) {
    throw recipeInvalid(
      null,
      null,
      `${name} is in no Debian package: name where it is fetched, or a base that has it.`,
    );
  }
  const isPlain = /^https?:\/\/[\w.:@%/+~=&?-]+$/.test(download.url) && /^[0-9a-f]{64}$/.test(download.sha256);
  if (!isPlain) throw recipeInvalid(null, null, `The address or the sha256 of ${name} is not valid.`);
  return download;
}

function writeMicromamba(writer: DockerfileWriter, { url, sha256 }: Download): void {
  const place = '/usr/local/bin/micromamba';
  writer.line(`ADD ${url} ${place}`);
  writer.run([`echo "${sha256}  ${place}" | sha256sum -c -`, `chmod 0755 ${place}`]);
}

function writeJulia(writer: DockerfileWriter, { url, sha256 }: Download): void {
  const place = '/opt/julia.tar.gz';
  writer.line(`ADD ${url} ${place}`);
  writer.run([
    `echo "${sha256}  ${place}" | sha256sum -c -`,
    'mkdir /opt/julia',
    `tar -xzf ${place} -C /opt/julia --strip-components=1 --no-same-owner`,
    `rm ${place}`,
    'ln -s /opt/julia/bin/julia /usr/local/bin/julia',
  ]);
}

function writeStep(writer: DockerfileWriter, part: StepPart | null): void {
  if (part === null) return;
  writer.part(part.title);
  for (const { from, to } of part.copies) writer.copy([from], to);
  writer.run([...part.commands, ...cleanCommands()]);
}

/** What was installed belongs to the user: postBuild may add to it. */
function writeUser(
  writer: DockerfileWriter,
  { toolchains }: GeneratedPlan,
  { user }: RenderOptions,
  work: string,
): void {
  if (user === undefined) return;
  if (!Number.isInteger(user) || user < 1 || user > 65_534)
    throw recipeInvalid(null, null, 'The user is a number from 1 to 65534.');
  const folders = [
    work,
    ...(toolchains.includes('python') ? ['/opt/venv'] : []),
    ...(toolchains.includes('conda') ? ['/opt/conda'] : []),
    ...(toolchains.includes('julia') ? ['/opt/julia-depot'] : []),
  ];
  writer.part('The user.');
  writer.run([`chown -R ${user}:${user} ${folders.join(' ')}`]);
  writer.line(`ENV HOME=${work}`);
  writer.line(`USER ${user}:${user}`);
}

function writePrograms(writer: DockerfileWriter, steps: readonly Step[], { user }: RenderOptions, work: string): void {
  for (const step of steps) {
    if (step.kind === 'post-build') {
      writer.part('postBuild.');
      writer.run([`./${shellWord(step.file)}`, ...(user === undefined ? cleanCommands() : cleanHomeCommands())]);
    } else if (step.kind === 'start') {
      writer.part('start.');
      writer.line(`ENTRYPOINT ${JSON.stringify([`${work}/${step.file}`])}`);
    }
  }
}
