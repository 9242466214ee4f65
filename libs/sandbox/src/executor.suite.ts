import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { digestOf } from '@envarium/oci';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Executor, Internet } from './executor.js';
import { BASE, ExecutorJobs } from './executor-jobs.suite.js';
import { FakeInternet, Services } from './executor-services.suite.js';
import { leftovers } from './leftovers.suite.js';

/** Tries to connect, and prints how that went: programs of the shell cannot. */
const CONNECT = String.raw`perl -e 'sub try { my ($name, $family, $type, $address) = @_; socket(my $s, $family, $type, 0) or return print "$name socket $!\n";
  if (!connect($s, $address)) { print "$name $!\n" } elsif (!defined(send($s, "x", 0))) { print "$name $!\n" } else { print "$name reached\n" } }
  sub in4 { my ($ip, $port) = @_; pack("S n C4 x8", 2, $port, split(/\./, $ip)) }`;
/** All that a program inside finds in `/dev` and in `/`. */
const DEVICES = 'fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero'.split(' ');
const DIRECTORIES = 'bin dev etc lib lib64 proc run sbin sys tmp usr'.split(' ');
/** As in a recording: nobody knows the answers before. */
const LIVE: Internet = {
  kind: 'stand-in',
  socket: '',
  authority: { certificate: '', key: '' },
  ports: [],
  answers: null,
};
const RESTRICTED = { memoryBytes: 96 << 20, processes: 32 } as const;

/** What an executor is: every one of them has to pass. */
export function describeExecutor(executor: Executor): void {
  describe(`sandbox/${executor.id}`, () => {
    let jobs: ExecutorJobs;
    beforeAll(async () => {
      jobs = await ExecutorJobs.open(executor, tmpdir());
    });
    afterAll(async () => {
      await jobs.close();
      expect(await leftovers()).toEqual([]);
    });

    describe('a build', () => {
      it('gives the same image in another directory and at another time', async () => {
        const recipe = 'RUN date > /built && cat /etc/hosts /etc/hostname > /names\nCOPY hello /hello\nENV A=b';
        const clock = { kind: 'pinned', at: new Date('2020-01-01T00:00:00Z') } as const;

        const first = await jobs.build(recipe, { clock });
        const second = await jobs.build(recipe, { clock });

        expect(first.outcome).toMatchObject({ exitCode: 0, endedBy: 'itself' });
        expect(second.outcome.image?.digest).toBe(first.outcome.image?.digest);
      });

      it('is an OCI layout of one image, all of it there, and with nothing of ours in it', async () => {
        const { outcome } = await jobs.build('RUN echo built > /built', { clock: { kind: 'pinned', at: new Date(0) } });
        const { layout, digest } = outcome.image ?? { layout: '', digest: '' };
        const blob = async (name: string): Promise<Buffer> =>
          readFile(path.join(layout, 'blobs/sha256', name.slice(7)));
        const manifest = await blob(digest);
        const { config, layers } = JSON.parse(manifest.toString()) as {
          config: { digest: string };
          layers: { digest: string; mediaType: string }[];
        };

        expect(digestOf(manifest)).toBe(digest);
        for (const part of [config, ...layers]) expect(digestOf(await blob(part.digest))).toBe(part.digest);
        expect(layers.map(({ mediaType }) => mediaType)).toEqual([
          'application/vnd.oci.image.layer.v1.tar+gzip',
          'application/vnd.oci.image.layer.v1.tar+gzip',
        ]);
        expect((await blob(config.digest)).toString()).not.toMatch(/envarium|faketime|SOURCE_DATE|buildah/i);
      });

      it('ends with the exit code of its step, and gives no image', async () => {
        const { outcome } = await jobs.build('RUN exit 9');

        expect(outcome).toMatchObject({ exitCode: 9, endedBy: 'itself', image: null });
      });

      it.each([
        ['a Dockerfile that is none', 'FROM\nFRM x\n', /./],
        ['a base that was not brought', 'FROM docker.io/library/debian:12\nRUN true\n', /image not known/],
        ['a short name', 'FROM debian\nRUN true\n', /image not known|short-name/],
      ])('says what is wrong with %s', async (_title, recipe, reason) => {
        const { outcome, all } = await jobs.build(recipe);

        expect(outcome).toMatchObject({ endedBy: 'itself', image: null });
        expect(outcome.exitCode).toBeGreaterThan(0);
        expect(all).toMatch(reason);
      });

      it('takes a base by its digest', async () => {
        const reference = `registry.example.org/lab/base@${jobs.image.digest}`;
        const { outcome } = await jobs.build(`FROM ${reference}\nRUN true\n`, {
          bases: [{ reference, image: jobs.image }],
        });

        expect(outcome).toMatchObject({ exitCode: 0 });
      });

      it('shares nothing with the build before it', async () => {
        const recipe = 'RUN --mount=type=cache,target=/cache ls /cache; echo kept > /cache/kept; echo mine > /mine';
        const first = await jobs.build(recipe);
        const second = await jobs.build(recipe);
        const image = await jobs.build('FROM localhost/envarium:result\nRUN cat /mine\n');

        expect(first.printed).toEqual([]);
        expect(second.printed).toEqual([]);
        expect(image.outcome.exitCode).not.toBe(0);
        expect(image.all).not.toContain('mine');
      });
    });

    describe('a run', () => {
      it('reads what is mounted, writes where it may, and nowhere else', async () => {
        const inputs = path.join(jobs.directory, 'inputs');
        const outputs = path.join(jobs.directory, 'outputs');
        await mkdir(inputs);
        await mkdir(outputs, { mode: 0o777 });
        await writeFile(path.join(inputs, 'in.txt'), 'in\n');

        const command =
          'cat in.txt > /out/out.txt; echo x > in.txt; echo x > /x; echo x > /tmp/x && echo $GREETING; exit 3';
        const { outcome, all } = await jobs.run(command, {
          workingDirectory: '/in',
          environment: { GREETING: 'hello' },
          mounts: [
            { source: inputs, target: '/in', isWritable: false },
            { source: outputs, target: '/out', isWritable: true },
          ],
        });

        expect(outcome).toMatchObject({ exitCode: 3, endedBy: 'itself' });
        expect(await readFile(path.join(outputs, 'out.txt'), 'utf8')).toBe('in\n');
        expect(await readFile(path.join(inputs, 'in.txt'), 'utf8')).toBe('in\n');
        expect(all).toContain('cannot create in.txt: Read-only file system');
        expect(all).toContain('cannot create /x: Read-only file system');
        expect(all).toContain('hello');
      });

      it('has no capability and cannot get one', async () => {
        const { printed } = await jobs.run("grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status");

        expect(printed.map((line) => line.replace('\t', ' '))).toEqual([
          'CapEff: 0000000000000000',
          'CapBnd: 0000000000000000',
          'NoNewPrivs: 1',
          'Seccomp: 2',
        ]);
      });
    });

    describe('the network', () => {
      let services: Services;
      beforeAll(async () => {
        services = await Services.start(jobs.directory);
      });
      afterAll(() => services.stop());

      it.each(['build', 'run'] as const)(
        'cannot be reached by a %s: no route, no name, no service of the host',
        async (kind) => {
          const attempts = `${CONNECT}
          try("tcp", 2, 1, in4("192.0.2.1", 80)); try("udp", 2, 2, in4("192.0.2.1", 53)); try("host", 2, 1, in4("${hostAddress()}", ${services.port}));
          try("loopback", 2, 1, in4("127.0.0.1", ${services.port})); try("dns", 2, 1, in4("127.0.0.1", 53));
          try("ipv6", 10, 1, pack("S n N H32 N", 10, 443, 0, "20010db8000000000000000000000001", 0));
          try("abstract", 1, 1, pack("S a*", 1, "\\0${services.abstract}")); try("path", 1, 1, pack("S a*", 1, "${services.path}"));
          print(gethostbyname("example.org") ? "name reached\\n" : "name unknown\\n");'`.replaceAll(/\n\s*/g, ' ');

          const { outcome, printed } =
            kind === 'build' ? await jobs.build(`RUN ${attempts}`) : await jobs.run(attempts);

          expect(printed).toEqual([
            'tcp Network is unreachable',
            'udp Network is unreachable',
            'host Network is unreachable',
            'loopback Connection refused',
            'dns Connection refused',
            'ipv6 Network is unreachable',
            'abstract Connection refused',
            'path No such file or directory',
            'name unknown',
          ]);
          expect(services.connections).toBe(0);
          expect(outcome.canary).toEqual({
            attempts: { dns: 'refused', tcp: 'refused', udp: 'refused', ipv6: 'refused' },
          });
        },
      );
    });

    // A cluster gets its answers as files, and has tests of its own for that.
    const describeLive = executor.refuses(LIVE) === null ? describe : () => undefined;
    describeLive('the stand-in for the Internet', () => {
      it('is all that a build reaches, by name or by address, with TLS and without', async () => {
        const internet = await FakeInternet.start(path.join(jobs.directory, 'internet.sock'));
        const downloads = await ExecutorJobs.open(executor, jobs.directory, ['curl', 'cat', 'env', 'grep', 'ls']);
        const { outcome, printed } = await downloads.build(
          [
            'ADD https://files.example.org/added /added',
            'RUN cat /added; curl -sS https://files.example.org/tls; curl -sS http://files.example.org/plain',
            'RUN curl -s --max-time 5 http://192.0.2.1/ || echo no route; ls -A /dev/.envarium',
          ].join('\n'),
          { internet: internet.asSeen, limits: { wallSeconds: 30 } },
        );
        internet.stop();

        expect(printed).toEqual([
          'https://files.example.org:443/added',
          'https://files.example.org:443/tls',
          'http://files.example.org:80/plain',
          'no route',
          'apt.conf',
          'ca.pem',
          'wgetrc',
        ]);
        expect(outcome.canary).toEqual({
          attempts: { dns: 'refused', tcp: 'refused', udp: 'refused', ipv6: 'refused' },
        });
      });
    });

    describe('the host', () => {
      it('shows no process, and takes no signal', async () => {
        const victim = spawn('sleep', ['60'], { stdio: 'ignore' });
        await once(victim, 'spawn');
        const { printed } = await jobs.build(`RUN ls -d /proc/[0-9]*; kill -9 ${victim.pid} ${process.pid}; true`);

        expect(printed.filter((line) => line.startsWith('/proc/')).length).toBeLessThanOrEqual(3);
        expect(printed.join('\n')).toContain('No such process');
        expect(victim.exitCode ?? victim.signalCode).toBeNull();
        victim.kill();
      });

      it('survives a program that signals everything it can', async () => {
        const { outcome } = await jobs.build('RUN kill -9 -1; exit 1');
        const after = await jobs.build('RUN echo fine');

        expect(outcome.image).toBeNull();
        expect(after.printed).toEqual(['fine']);
      });

      it('shows no devices, and lets none be made', async () => {
        const { printed } = await jobs.build('RUN ls /dev; mknod /sda b 8 0; mount -t tmpfs none /tmp; true');
        const devices = printed.filter((line) => /^\w+$/.test(line));

        expect(devices).toEqual(DEVICES);
        expect(printed.join('\n')).toMatch(/mknod.*not permitted/);
        expect(printed.join('\n')).toMatch(/mount.*(permission denied|not permitted)/i);
      });

      it('shows no files, and none of its settings can be changed', async () => {
        const secret = path.join(jobs.directory, 'secret');
        await writeFile(secret, 'of the host\n');
        const { printed } = await jobs.build(
          [
            `RUN ls /; cat ${secret} /proc/1/root${secret}; cat /proc/kcore > /k; cat /etc/shadow`,
            'RUN for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /sys/kernel/mm/ksm/run /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max; do (echo 1 > $f) 2> /dev/null && echo changed $f; done; true',
            'RUN cat /proc/self/cgroup | grep -v ":/$"; true',
          ]
            .join('\n')
            .replace('RUN ls /;', 'RUN set +e; ls /;')
            .replace('/etc/shadow', '/etc/shadow; true'),
        );

        expect(printed.filter((line) => /^\w+$/.test(line))).toEqual(DIRECTORIES);
        expect(printed.join('\n')).not.toMatch(/of the host|changed/);
        expect(printed.filter((line) => line.includes(':/'))).toEqual([]);
      });

      it('is not shown by a builder that follows links', async () => {
        const shown = await jobs.build(
          [
            `FROM ${BASE} AS trap`,
            'RUN ln -s / /everything && ln -s /etc/passwd /accounts',
            `FROM ${BASE}`,
            'COPY --from=trap /accounts /accounts',
            'RUN --mount=type=bind,from=trap,source=/everything,target=/host,rw ls /host; echo x > /host/envarium/notes',
            '',
          ].join('\n'),
        );

        expect(shown.all).not.toContain('envarium-');
        expect(shown.printed).not.toContain('envarium');
        expect(shown.printed).not.toContain('disk');
      });

      it('is not shown by a link in the build context', async () => {
        const context = path.join(jobs.directory, 'linked');
        await mkdir(context);
        await writeFile(path.join(jobs.directory, 'outside'), 'of the host\n');
        await symlink(path.join(jobs.directory, 'outside'), path.join(context, 'link'));
        const { all, outcome } = await jobs.build('COPY link /link\nRUN cat /link', { context });

        expect(all).not.toContain('of the host\n');
        expect(outcome.image).toBeNull();
      });

      it('gives nothing of its environment', async () => {
        process.env['ENVARIUM_TEST_SECRET'] = 'of the host';
        const { printed } = await jobs.build('RUN env | sort');
        delete process.env['ENVARIUM_TEST_SECRET'];

        expect(printed).toEqual([
          'HOME=/',
          'HOSTNAME=build',
          'PATH=/usr/bin:/bin:/usr/sbin:/sbin',
          'PWD=/',
          'SOURCE_DATE_EPOCH=1700000000',
        ]);
      });
    });

    describe('the clock', () => {
      it.each(['build', 'run'] as const)('is the one that was asked for, in a %s', async (kind) => {
        const clock = { kind: 'pinned', at: new Date('2007-08-09T10:11:12Z') } as const;
        const command =
          'date -u +%Y-%m-%dT%H:%M; perl -e \'print time > 1186654270 && time < 1186654290 ? "pinned\\n" : "not\\n"\'';
        const { printed } =
          kind === 'build' ? await jobs.build(`RUN ${command}`, { clock }) : await jobs.run(command, { clock });

        expect(printed).toEqual(['2007-08-09T10:11', 'pinned']);
      });
    });

    describe('hostile recipes', () => {
      const HOSTILE = [
        ['processes', 'a fork bomb', 'f() { f | f & }; f; sleep 60', {}],
        ['memory', 'a memory hog', `perl -e '$x = "x" x (400 << 20); sleep 60'`, {}],
        [
          'memory',
          'a memory hog of many processes',
          `for i in 1 2 3 4 5 6; do perl -e '$x = "x" x (30 << 20); sleep 60' & done; wait`,
          {},
        ],
        ['disk', 'a disk filler', 'dd if=/dev/zero of=/filler bs=1M', {}],
        [
          'disk',
          'a disk filler that does not mind',
          'while :; do dd if=/dev/zero of=/filler bs=1M 2> /dev/null; done',
          {},
        ],
        ['wall', 'an endless loop', 'while :; do :; done', { wallSeconds: 2 }],
        [
          'wall',
          'a loop that hides from its parent',
          '(trap "" HUP TERM INT; while :; do sleep 1; done) & exec sleep 600',
          { wallSeconds: 3 },
        ],
        ['log', 'a flood of lines', 'while :; do echo 0123456789012345678901234567890123456789; done', {}],
        ['log', 'a line without an end', 'cat /dev/zero', {}],
      ] as const;

      const RUN_TOO = new Set<string>(['a fork bomb', 'a memory hog', 'an endless loop']);

      it.each(HOSTILE)('ends by its %s: %s, built', async (endedBy, _title, command, limits) => {
        const { outcome } = await jobs.build(`RUN ${command}`, { limits: { ...RESTRICTED, ...limits } });

        expect(outcome).toMatchObject({ endedBy, exitCode: null, image: null });
      });

      it.each(HOSTILE.filter(([endedBy, title]) => endedBy !== 'disk' && RUN_TOO.has(title)))(
        'ends by its %s: %s, run',
        async (endedBy, _title, command, limits) => {
          const { outcome } = await jobs.run(command, { limits: { ...RESTRICTED, ...limits } });

          expect(outcome).toMatchObject({ endedBy, exitCode: null });
        },
      );

      it('leaves nothing behind, and others work', async () => {
        expect(await leftovers()).toEqual([]);
        expect((await jobs.build('RUN echo fine')).printed).toEqual(['fine']);
      });

      it('ends when it is cancelled', async () => {
        const controller = new AbortController();
        const { outcome } = await jobs.build(
          'RUN echo begun; sleep 600',
          {},
          { signal: controller.signal, onLine: (text) => void (text === 'begun' && controller.abort()) },
        );

        expect(outcome).toMatchObject({ endedBy: 'cancelled', exitCode: null, image: null });
      });
    });
  });
}

function hostAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '192.0.2.2';
}
