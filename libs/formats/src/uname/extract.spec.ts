import { describe, expect, it } from 'vitest';
import { unameFormat } from './index.js';
import { parseUname } from './parse.js';

const read = (content: string) => unameFormat.extract(content);

describe('formats/uname/parse', () => {
  it.each([
    ['Linux n1 6.1.0-13-amd64 #1 SMP Debian 6.1.55-1 (2023-09-29) x86_64 GNU/Linux', '6.1.0-13-amd64', 'x86_64'],
    [
      'Linux n1 3.10.0-1160.el7.x86_64 #1 SMP Mon 2020 x86_64 x86_64 x86_64 GNU/Linux',
      '3.10.0-1160.el7.x86_64',
      'x86_64',
    ],
    ['Linux 0a1b2c 5.10.47-linuxkit #1 SMP Sat Jul 3 21:51:47 UTC 2021 aarch64 Linux', '5.10.47-linuxkit', 'aarch64'],
    ['Linux localhost 4.14.117-g1a2b #1 SMP PREEMPT Thu 2020 armv8l Android', '4.14.117-g1a2b', 'armv8l'],
    ['Linux 10.0.0.5 5.4.0 #1 SMP x86_64 GNU/Linux', '5.4.0', 'x86_64'],
    ['Linux 5.15.0-91-generic', '5.15.0-91-generic', null],
    ['Linux 5.15.0-91-generic x86_64', '5.15.0-91-generic', 'x86_64'],
    ['Linux x86_64 4.4.0 #1 SMP ppc64le', '4.4.0', 'ppc64le'],
    [
      'Darwin d 21.6.0 Darwin Kernel Version 21.6.0: Mon; root:xnu-1/RELEASE_X86_64 x86_64 i386 Darwin',
      '21.6.0',
      'i386',
    ],
    ['FreeBSD b 13.2-RELEASE-p3 FreeBSD 13.2-RELEASE-p3 GENERIC amd64', '13.2-RELEASE-p3', 'amd64'],
    ['OpenBSD b 7.4 GENERIC.MP#1397 amd64', '7.4', 'amd64'],
    ['SunOS s 5.11 11.4.0.15.0 sun4v sparc sun4v', '5.11', 'sun4v'],
    ['AIX a 2 7 00F84C0C4C00', '7.2', null],
    ['HP-UX h B.11.31 U ia64 3943123456 unlimited-user license', 'B.11.31', 'ia64'],
    ['CYGWIN_NT-10.0-19045 pc 3.4.6-1.x86_64 2023-02-14 13:23 UTC x86_64 Cygwin', '3.4.6-1.x86_64', 'x86_64'],
    [
      'MINGW64_NT-10.0-19045 pc 3.4.10-87d57229.x86_64 2024-02-14 20:17 UTC x86_64 Msys',
      '3.4.10-87d57229.x86_64',
      'x86_64',
    ],
    ['GNU hurd 0.9 GNU-Mach 1.8+git20230214-486/Hurd-0.9 i686-AT386 GNU', '0.9', 'i686-AT386'],
    ['Haiku shredder 1 hrev56578 Dec 17 2022 06:02:58 x86_64 x86_64 Haiku', '1', 'x86_64'],
  ])('reads %s', (text, release, machine) => {
    expect(parseUname(text)).toEqual({ kernel: text.split(' ')[0], release, machine });
  });

  it.each([
    'Linux',
    'Linux is an operating system',
    'Linux x86_64',
    'GNU is not 1',
    'AIX a b c',
    'Plan9 a 1.0',
    'linux n1 6.1.0',
  ])('finds no certain release in %s', (text) => {
    expect(parseUname(text)).toBeNull();
  });
});

describe('formats/uname/extract', () => {
  it('gives the kernel as a runtime of the host, and not the name of the machine', () => {
    const spec = read('\n[jane@secret-host ~]$ uname -a\nLinux secret-host 6.1.0 #1 SMP x86_64 GNU/Linux\n');

    expect(spec).toMatchObject({ scope: 'host', packages: [], problems: [] });
    expect(spec?.runtimes).toEqual([{ name: 'linux', version: '6.1.0', specifier: null, line: 3 }]);
    expect(spec?.system).toEqual({ id: 'linux', versionId: null, name: null, line: 3 });
    expect(spec?.kernel).toEqual({ release: '6.1.0', line: 3 });
    expect(JSON.stringify(spec)).not.toContain('secret-host');
  });

  it('takes the release of a system for its version where both are one', () => {
    expect(read('FreeBSD b 13.2-RELEASE FreeBSD 13.2-RELEASE GENERIC amd64')?.system).toEqual({
      id: 'freebsd',
      versionId: '13.2-RELEASE',
      name: null,
      line: 1,
    });
  });

  it('names Cygwin without the version of Windows', () => {
    expect(read('CYGWIN_NT-10.0 pc 3.4.6 2023 x86_64 Cygwin')?.runtimes[0]).toMatchObject({ name: 'cygwin' });
  });

  it.each(['', 'Linux a 6.1.0\nLinux b 6.1.1\n', `Linux ${'6.1'.repeat(2000)}`])(
    'leaves %j to other formats',
    (text) => {
      expect(read(text)).toBeNull();
    },
  );
});
