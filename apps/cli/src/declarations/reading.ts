import { type Command as Commander, Option } from 'commander';
import type { Run } from '../program.js';

const collect = (value: string, before: string[]) => [...before, value];
const VERSION = 'as in lab/eeg@v1; without @vN the newest';

export function declareReading(program: Commander, run: Run): void {
  program.commandsGroup('Ask and get back:');

  program
    .command('what-ran')
    .description('ask what ran a figure, table or number')
    .argument('[doi]', 'DOI of the article, or of the figure itself')
    .argument('[label]', 'as printed: "Figure 3b"')
    .option('--file <file>', 'instead: the figure itself; it is hashed here, not uploaded')
    .addHelpText(
      'after',
      `
Examples:
  $ envarium what-ran 10.5555/12345678 "Figure 3"
  $ envarium what-ran --file figure3.svg`,
    )
    .action(run(() => import('../commands/what-ran.js').then(({ whatRan }) => whatRan)));

  program
    .command('show')
    .description('show a record and one of its versions')
    .argument('<version>', VERSION)
    .action(run(() => import('../commands/show.js').then(({ show }) => show)));

  program
    .command('resolve')
    .description('list the ways back to an environment, how exact they are, and whether it fits this machine')
    .argument('<what>', 'a version as in lab/eeg@v1, the DOI of an article, or the digest of an image')
    .argument('[label]', 'with the DOI of an article: what is printed there, as in "Figure 3b"')
    .option('--for <client>', 'print only what to paste: docker, podman, apptainer, skopeo, kubernetes, envarium')
    .option('--architecture <name>', 'of another machine than this one: amd64, arm64, ...')
    .option('--isa-level <level>', 'of another machine: x86-64-v1 .. x86-64-v4')
    .option('--kernel <release>', 'with --architecture: as uname -r says it there')
    .option(
      '--hardware <file>',
      'a report of another machine: lscpu, cpuinfo, nvidia-smi -q, ...; repeatable',
      collect,
      [],
    )
    .addHelpText(
      'after',
      `
The server is told the CPU flags, kernel and libc of the machine, to compare them; it keeps nothing of it.

Examples:
  $ envarium resolve 10.5555/12345678 "Figure 3"
  $ envarium resolve lab/eeg@v1 --architecture arm64
  $ envarium resolve lab/eeg@v1 --hardware lscpu.json --hardware nvidia-smi-q.txt
  $ envarium resolve sha256:...
  $ envarium resolve lab/eeg@v1 --for kubernetes | kubectl apply -f -`,
    )
    .action(run(() => import('../commands/resolve.js').then(({ resolve }) => resolve)));

  program
    .command('pull')
    .description('get the exact image as an OCI layout; every byte is checked')
    .argument('<version>', `${VERSION}; or lab/eeg@sha256:...`)
    .option('--output <dir>', 'directory of the layout; default: ./NAME-vN')
    .option(
      '--tar <file>',
      'one archive instead, for docker load, podman load, skopeo or apptainer; - for standard output',
    )
    .option('--platform <os/arch>', 'only the image for this platform: linux/amd64, linux/arm64, ...')
    .addHelpText(
      'after',
      `
All platforms are pulled, unless one is named. Interrupted? Run it again: what is there and correct is kept. Public records need no login.

Examples:
  $ envarium pull lab/eeg@v1                       then: skopeo copy oci:eeg-v1 docker-daemon:eeg:v1
  $ envarium pull lab/eeg@v1 --tar eeg.tar         then: docker load -i eeg.tar
  $ envarium pull lab/eeg@v1 --tar - | podman load`,
    )
    .action(run(() => import('../commands/pull.js').then(({ pull }) => pull)));

  program
    .command('verify')
    .description('read every byte of a published version back and prove its digests')
    .argument('[version]', VERSION)
    .option('--dir <dir>', 'instead: a layout that was pulled, without any server')
    .option('--receipt <file>', 'instead: a signed receipt, without any server; needs --key')
    .option('--key <file>', 'public keys to believe, as `envarium keys --output` writes them')
    .option('--digest <digest>', 'what it must be, or be about: the digest that the article cites')
    .addHelpText(
      'after',
      `
Examples:
  $ envarium verify lab/eeg@v1 --digest sha256:...
  $ envarium verify --dir eeg-v1 --digest sha256:...
  $ envarium verify --receipt receipt.json --key keys.pem --digest sha256:...`,
    )
    .action(run(() => import('../commands/verify.js').then(({ verify }) => verify)));

  program
    .command('files')
    .description('list the deposited files of a version, or get them')
    .argument('<version>', VERSION)
    .option('--output <dir>', 'write them there; every byte is checked')
    .action(run(() => import('../commands/files.js').then(({ files }) => files)));

  program
    .command('packages')
    .description('list the packages of a version')
    .argument('<version>', VERSION)
    .option('--limit <number>', 'at most so many; default: all')
    .action(run(() => import('../commands/packages.js').then(({ packages }) => packages)));

  program
    .command('used-by')
    .description('list the versions that used a package in a range of versions, and what came out of them')
    .argument('<package>', 'name of the package')
    .argument('[range]', 'in the syntax of the ecosystem; default: any version', '*')
    .requiredOption('--ecosystem <name>', 'pypi, conda, cran, julia, npm, cargo, golang, deb, rpm, ...')
    .option('--undecidable', 'instead: those with a version that the rules of the ecosystem cannot read')
    .option('--unknown', 'instead: those that asked for the package, with no version known')
    .option('--limit <number>', 'at most so many; default: 50')
    .addHelpText(
      'after',
      `
Examples:
  $ envarium used-by numpy "<1.22" --ecosystem pypi
  $ envarium used-by openssl ">= 3.0.2, << 3.0.14" --ecosystem deb
  $ envarium used-by numpy --unknown --ecosystem conda`,
    )
    .action(run(() => import('../commands/used-by.js').then(({ usedBy }) => usedBy)));

  program
    .command('ran-on')
    .description('list the versions that ran on a kind of machine')
    .option('--microarchitecture <name>', 'as archspec names it: zen3, skylake_avx512, ...')
    .option('--gpu <text>', 'part of the name of a GPU: A100')
    .option('--gpu-driver <version>', 'of the GPU driver, or how it begins: 535')
    .option('--cpu <text>', 'part of the name of the CPU')
    .option('--architecture <name>', 'x86_64, aarch64, ...')
    .option('--isa-level <level>', 'x86-64-v1 .. x86-64-v4')
    .option('--limit <number>', 'at most so many; default: 50')
    .addHelpText('after', '\nExample:\n  $ envarium ran-on --gpu A100 --gpu-driver 535')
    .action(run(() => import('../commands/used-by.js').then(({ ranOn }) => ranOn)));

  program
    .command('shared-by')
    .description('list the versions that share an image, a base image, a layer or a lock file')
    .argument('<what>', 'its digest, or a file: it is hashed here, not uploaded')
    .option('--limit <number>', 'at most so many; default: 50')
    .addHelpText('after', '\nExamples:\n  $ envarium shared-by sha256:...\n  $ envarium shared-by ./conda-lock.yml')
    .action(run(() => import('../commands/used-by.js').then(({ sharedBy }) => sharedBy)));

  program
    .command('diff')
    .description('say what lies between two versions, or between a version and this machine')
    .argument('<version>', VERSION)
    .argument('[other]', 'another version, or a capture as `envarium capture` writes it')
    .option(
      '--here [dir]',
      'instead: a directory, by default this one, and this machine, as they are now; nothing is uploaded',
    )
    .option('--packages', 'list every package that differs')
    .addHelpText(
      'after',
      `
Examples:
  $ envarium diff lab/eeg@v1 lab/eeg@v2
  $ envarium diff lab/eeg@v1 --here
  $ envarium diff lab/eeg@v1 ./capture --packages`,
    )
    .action(run(() => import('../commands/diff.js').then(({ diff }) => diff)));

  program
    .command('export')
    .description('get the environment as a bill of materials, or as a lock file to install from')
    .argument('<version>', VERSION)
    .addOption(
      new Option('--format <format>', 'cyclonedx 1.6, spdx 2.3; pip, conda, renv, npm: only where exact')
        .choices(['cyclonedx', 'spdx', 'pip', 'conda', 'renv', 'npm'])
        .makeOptionMandatory(),
    )
    .option('--file <path>', 'of several deposited lock files, the one that is meant')
    .option('--platform <name>', 'of several platforms, the one that is meant: linux-64, osx-arm64, ...')
    .option('--environment <name>', 'of several environments of a pixi.lock, the one that is meant')
    .option('--output <file>', 'write it there; default: standard output')
    .addHelpText(
      'after',
      `
A lock file is given only when every package has an exact version and a hash or an address. Else the first packages that
have none are listed, and nothing is guessed. package-lock.json and renv.lock are given back as they were deposited.

Examples:
  $ envarium export lab/eeg@v1 --format cyclonedx --output sbom.cdx.json
  $ envarium export lab/eeg@v1 --format pip --output lock.txt    then: pip install --require-hashes --no-deps -r lock.txt
  $ envarium export lab/eeg@v1 --format conda > explicit.txt     then: conda create --name eeg --file explicit.txt`,
    )
    .action(run(() => import('../commands/export.js').then(({ exportEnvironment }) => exportEnvironment)));

  program
    .command('receipts')
    .description('list what rebuilds and re-runs of a version gave: computed and signed by the archive')
    .argument('<version>', VERSION)
    .action(run(() => import('../commands/receipts.js').then(({ receipts }) => receipts)));

  program
    .command('receipt')
    .description('show one receipt, or keep it as a file that anybody can verify')
    .argument('<id>', 'as `envarium receipts` prints it')
    .option('--output <file>', 'write the signed envelope there')
    .addHelpText('after', '\nExample:\n  $ envarium receipt 01KB3C... --output receipt.json')
    .action(run(() => import('../commands/receipts.js').then(({ receipt }) => receipt)));

  const keys = program
    .command('keys')
    .description('list the public keys that receipts of the archive are signed with, also the old ones')
    .option('--output <file>', 'write all of them there, as PEM')
    .action(run(() => import('../commands/keys.js').then(({ keys: list }) => list)));
  keys
    .command('rotate')
    .description('sign with a new key from now on (administrators); what the old one signed stays valid')
    .action(run(() => import('../commands/keys.js').then(({ rotateKeys }) => rotateKeys)));
}
