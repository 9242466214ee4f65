import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Outbound } from '@envarium/outbound';
import { createAuthority, type Credential, Issuer, trustFiles, trustVariables } from '@envarium/sandbox';
import { ExchangeDirectory } from '@envarium/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { packagesOf } from './packages.js';
import { RECORD_LIMITS } from './record-limits.js';
import { startRecorder, type Recording } from './recorder.js';
import type { ReplayCounts } from './replay-counts.js';
import { startReplay } from './replay.js';

const program = path.resolve(import.meta.dirname, '../../../dist/libs/sandbox/src/stand-in/main.js');
const works = (file: string, ...args: string[]): boolean => {
  try {
    execFileSync(file, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const reason = !existsSync(program)
  ? 'the stand-in is not built; npm run build'
  : !works('unshare', '-n', '-m', 'ip', 'link', 'set', 'lo', 'up')
    ? 'this user may not make network namespaces here'
    : null;
const has = (name: string): boolean => works(name, '--version');

/**
 * A network namespace with nothing but `lo` and the stand-in, as a build sees it. The ready line comes through a pipe of
 * its own, and the stand-in ends when our end of its standard input closes.
 */
const INSIDE = `
ip link set lo up && mount --bind "$DIR/resolv.conf" /etc/resolv.conf && mkfifo "$DIR/ready" || exit 90
exec 3<&0
"$NODE" "$PROGRAM" --socket "$DIR/exchanges.sock" --authority "$DIR/secret" <&3 3<&- > "$DIR/ready" &
read line < "$DIR/ready"; rm "$DIR/ready"; [ "$line" = ready ] || exit 91
exec 3<&- < /dev/null
cd "$DIR/work"; eval "$SCRIPT"
`;

if (reason !== null) {
  describe('closure/stand-in', () => {
    it(`SKIPPED: ${reason}`, ({ skip }) => skip());
  });
}

describe.skipIf(reason !== null)('closure/stand-in', () => {
  // Another address of this machine than anything else listens on, so that the ports can be the real ones.
  const address = `127.77.${randomInt(1, 255)}.${randomInt(1, 255)}`;
  const files = new Map<string, { type: string; bytes: Buffer }>();
  const asked: string[] = [];
  const ended = new AbortController();
  let upstream: (http.Server | https.Server)[];
  let outbound: Outbound;
  let authority: Credential;
  let certificates: Credential;
  let directory: string;
  let store: ExchangeDirectory;

  beforeAll(async () => {
    authority = await createAuthority();
    certificates = await createAuthority();
  });
  beforeEach(async () => {
    files.clear();
    asked.length = 0;
    directory = await mkdtemp(path.join(tmpdir(), 'stand-in-'));
    for (const name of ['secret', 'trust', 'work']) await mkdir(path.join(directory, name));
    await writeFile(path.join(directory, 'resolv.conf'), 'nameserver 127.0.0.1\n');
    await writeFile(path.join(directory, 'secret/ca.pem'), authority.certificate);
    await writeFile(path.join(directory, 'secret/ca.key'), authority.key);
    await writeFile(inside('ca.pem'), authority.certificate);
    for (const { name, content } of trustFiles(inside('ca.pem'))) await writeFile(inside(name), content);
    store = await ExchangeDirectory.create();
    outbound = new Outbound({
      allow: ['127.77.0.0/16'],
      userAgent: 'envarium',
      resolve: async () => [address],
      ca: certificates.certificate,
    });
    upstream = await startUpstream();
  });
  afterEach(async () => {
    await cutUpstream();
    await outbound.close();
    await store.remove();
    await rm(directory, { recursive: true });
  });
  afterAll(() => ended.abort());

  const inside = (name: string): string => path.join(directory, 'trust', name);
  const serve = (address_: string, bytes: Buffer | string, type = 'application/octet-stream'): void =>
    void files.set(address_, { type, bytes: Buffer.from(bytes) });
  const startUpstream = async (): Promise<(http.Server | https.Server)[]> => {
    const issuer = await Issuer.open(certificates);
    const names = ['pypi.example.org', 'npm.example.org', 'deb.example.org', 'a.example.org'];
    const { certificate, key } = await issuer.issue('*.example.org');
    const answer: http.RequestListener = (request, response) => {
      const name = request.headers.host ?? '';
      asked.push(`${request.method} ${name}${request.url}`);
      const file = names.includes(name) ? files.get(`${name}${request.url}`) : undefined;
      if (file === undefined) response.writeHead(404).end('nothing');
      else response.writeHead(200, { 'content-type': file.type }).end(file.bytes);
    };
    const servers = [http.createServer(answer), https.createServer({ cert: certificate, key }, answer)];
    for (const [index, port] of [80, 443].entries()) {
      await new Promise<void>((resolve) => servers[index]?.listen(port, address, resolve));
    }
    return servers;
  };
  const cutUpstream = async (): Promise<void> => {
    for (const server of upstream.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  };
  const run = async (script: string): Promise<{ code: number | null; output: string }> =>
    new Promise((resolve) => {
      const child = spawn('unshare', ['-n', '-m', 'sh', '-c', INSIDE], {
        stdio: 'pipe',
        env: {
          PATH: process.env['PATH'],
          HOME: path.join(directory, 'work'),
          DIR: directory,
          NODE: process.execPath,
          PROGRAM: program,
          SCRIPT: script,
          PIP_CONFIG_FILE: '/dev/null',
          PIP_DISABLE_PIP_VERSION_CHECK: '1',
          ...trustVariables(inside('ca.pem')),
        },
      });
      let output = '';
      const keep = (chunk: Buffer): void => void (output += chunk.toString());
      child.stdout.on('data', keep);
      child.stderr.on('data', keep);
      child.on('exit', () => child.stdin.end());
      child.on('close', (code) => resolve({ code, output }));
    });
  const socket = (): string => path.join(directory, 'exchanges.sock');
  const record = async (script: string): Promise<Recording & { code: number | null; output: string }> => {
    const recorder = await startRecorder({
      socket: socket(),
      store,
      outbound,
      limits: RECORD_LIMITS,
      signal: ended.signal,
    });
    const result = await run(script);
    return { ...(await recorder.stop()), ...result };
  };
  const replay = async (
    { exchanges }: Recording,
    script: string,
  ): Promise<ReplayCounts & { code: number | null; output: string }> => {
    const replayed = await startReplay({ socket: socket(), exchanges, store, signal: ended.signal });
    const result = await run(script);
    return { ...(await replayed.stop()), ...result };
  };

  it('leads every name and every kind of client to the socket', async () => {
    serve('a.example.org/x?y', 'hello\n');
    const script = `
      curl -sS http://a.example.org/x?y
      curl -sS https://a.example.org/x?y
      curl -sS --http2 https://a.example.org/x?y
      curl -sS -4 https://a.example.org/x?y
      curl -sS -6 https://a.example.org/x?y
      curl -sS -x http://127.0.0.1:80 http://a.example.org/x?y
      curl -sS -x http://127.0.0.1:80 https://a.example.org/x?y
      curl -sS -x http://127.0.0.1:80 --proxytunnel http://a.example.org/x?y`;

    const recording = await record(script);
    await cutUpstream();
    const replayed = await replay(recording, script);

    expect(recording.output).toBe('hello\n'.repeat(8));
    expect(recording.exchanges.map(({ url }) => url).toSorted()).toEqual([
      'http://a.example.org/x?y',
      'https://a.example.org/x?y',
    ]);
    expect(replayed).toMatchObject({ output: 'hello\n'.repeat(8), hits: 8, misses: [] });
  });

  it('is not trusted by a program that was told nothing, and says so', async () => {
    const { output, exchanges } = await record(
      'unset SSL_CERT_FILE CURL_CA_BUNDLE; curl -s https://a.example.org/; echo $?',
    );

    expect(output).toMatch(/^60$/m);
    expect(output).toContain('TLS with a.example.org failed');
    expect(exchanges).toEqual([]);
  });

  it('reaches nothing but the stand-in', async () => {
    const { output } = await record(`
      curl -s -m 2 http://${address}/ > /dev/null; echo $?
      ip route; ip -6 route show table main | grep -v '^::1 '`);

    expect(output).toBe('7\n');
  });

  it('survives what is no request', async () => {
    serve('a.example.org/', 'hello\n');
    const script = `
      for port in 80 443; do for bytes in 'garbage\\r\\n\\r\\n' '\\026\\003\\001\\377garbage' 'GET / HTTP/1.1\\r\\n\\r\\n' \\
        'CONNECT : HTTP/1.1\\r\\n\\r\\n' 'GET * HTTP/1.1\\r\\nHost: a b\\r\\n\\r\\n' ''; do
        printf "$bytes" | timeout 2 curl -s telnet://127.0.0.1:$port > /dev/null
      done; done
      curl -sS http://a.example.org/ https://a.example.org/`;

    expect((await record(script)).output.replace(/^TLS .*\n/gm, '')).toBe('hello\nhello\n');
  });

  it('breaks off where a body is not what was recorded', async () => {
    serve('a.example.org/x', 'hello\n');
    const recording = await record('curl -sS https://a.example.org/x');
    await store.flip(recording.exchanges[0]!.digest!);

    const replayed = await replay(recording, 'curl -s https://a.example.org/x; echo "ended with $?"');

    expect(replayed.output).toMatch(/^ended with [1-9]/);
    expect(replayed).toMatchObject({ hits: 0, damaged: [{ url: 'https://a.example.org/x', reason: 'wrong' }] });
  });

  const wheel = (): Buffer => {
    const target = path.join(directory, 'tiny-1.0-py3-none-any.whl');
    const lines = [
      'import sys, zipfile',
      'z = zipfile.ZipFile(sys.argv[1], "w")',
      'z.writestr("tiny.py", "x = 1\\n")',
      'z.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n")',
      'z.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")',
      'z.writestr("tiny-1.0.dist-info/RECORD", "")',
      'z.close()',
    ];
    execFileSync('python3', ['-c', lines.join('\n'), target]);
    return readFileSync(target);
  };

  it.skipIf(!has('pip3'))('lets pip install again what it installed once', async () => {
    const bytes = wheel();
    const sum = createHash('sha256').update(bytes).digest('hex');
    serve('pypi.example.org/packages/tiny-1.0-py3-none-any.whl', bytes);
    serve(
      'pypi.example.org/simple/tiny/',
      `<a href="/packages/tiny-1.0-py3-none-any.whl#sha256=${sum}">tiny-1.0-py3-none-any.whl</a>`,
      'text/html',
    );
    const script =
      'pip3 install --no-cache-dir --target t --index-url https://pypi.example.org/simple tiny==1.0 && cat t/tiny.py && rm -r t';

    const recording = await record(script);
    await cutUpstream();
    const replayed = await replay(recording, script);

    expect(recording.output).toContain('x = 1');
    expect(replayed).toMatchObject({ code: 0, misses: [], damaged: [] });
    expect(replayed.output).toContain('x = 1');
    const lock = { path: 'requirements.txt', bytes: Buffer.from(`tiny==1.0 --hash=sha256:${sum}\n`) };
    const { packages, problems } = await packagesOf(recording.exchanges, (digest) => store.open(digest), [lock]);
    expect({ packages, problems }).toMatchObject({
      packages: [{ purl: 'pkg:pypi/tiny@1.0', integrity: 'locked' }],
      problems: [],
    });
  });

  it.skipIf(!has('npm'))('lets npm install again what it installed once', async () => {
    await mkdir(path.join(directory, 'package'));
    await writeFile(path.join(directory, 'package/package.json'), '{"name":"tiny","version":"1.0.0"}');
    execFileSync('tar', ['-czf', 'tiny.tgz', 'package'], { cwd: directory });
    const bytes = await readFile(path.join(directory, 'tiny.tgz'));
    const tarball = 'https://npm.example.org/tiny/-/tiny-1.0.0.tgz';
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
    const version = { name: 'tiny', version: '1.0.0', dist: { tarball, integrity } };
    serve('npm.example.org/tiny/-/tiny-1.0.0.tgz', bytes);
    serve(
      'npm.example.org/tiny',
      JSON.stringify({ name: 'tiny', 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': version } }),
      'application/json',
    );
    const script =
      'npm install --no-audit --no-fund --no-update-notifier --registry https://npm.example.org/ tiny && ' +
      'cat node_modules/tiny/package.json && rm -r node_modules package*.json .npm';

    const recording = await record(script);
    await cutUpstream();
    const replayed = await replay(recording, script);

    expect(replayed).toMatchObject({ code: 0, misses: [], damaged: [] });
    expect(replayed.output).toContain('{"name":"tiny","version":"1.0.0"}');
    const { packages } = await packagesOf(recording.exchanges, (digest) => store.open(digest));
    expect(packages).toMatchObject([{ purl: 'pkg:npm/tiny@1.0.0', url: tarball, integrity: 'index' }]);
  });

  it.skipIf(!has('apt-get') || !has('dpkg-deb'))('lets apt fetch again what it fetched once', async () => {
    await mkdir(path.join(directory, 'deb/DEBIAN'), { recursive: true });
    const control =
      'Package: tiny\nVersion: 1.0\nArchitecture: all\nMaintainer: a <a@example.org>\nDescription: tiny\n';
    await writeFile(path.join(directory, 'deb/DEBIAN/control'), control);
    execFileSync('dpkg-deb', ['-b', 'deb', 'tiny.deb'], { cwd: directory });
    const bytes = await readFile(path.join(directory, 'tiny.deb'));
    const sha256 = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');
    const name = 'pool/main/t/tiny/tiny_1.0_all.deb';
    const index = `${control}Filename: ${name}\nSize: ${bytes.length}\nSHA256: ${sha256(bytes)}\n\n`;
    const list = `${sha256(index)} ${Buffer.byteLength(index)} main/binary-all/Packages`;
    const release = `Suite: stable\nCodename: stable\nArchitectures: all amd64 arm64\nComponents: main\nSHA256:\n ${list}\n`;
    serve(`deb.example.org/debian/dists/stable/Release`, release);
    serve(`deb.example.org/debian/dists/stable/main/binary-all/Packages`, index);
    serve(`deb.example.org/debian/${name}`, bytes);
    await writeFile(
      path.join(directory, 'sources.list'),
      'deb [trusted=yes] https://deb.example.org/debian stable main\n',
    );
    const options = [
      `Dir::Etc::sourcelist=${directory}/sources.list`,
      'Dir::Etc::sourceparts=/dev/null',
      'Dir::State::lists=lists',
      'Dir::Cache=cache',
      'APT::Sandbox::User=root',
    ].map((option) => `-o ${option}`);
    const apt = `apt-get ${options.join(' ')}`
      .replaceAll('=lists', '=$PWD/lists')
      .replace('Cache=cache', 'Cache=$PWD/cache');
    const script = `mkdir -p lists/partial cache/archives/partial; ${apt} update && ${apt} download tiny && ls *.deb; rm -r *`;

    const recording = await record(script);
    await cutUpstream();
    const replayed = await replay(recording, script);

    expect(recording.output).toContain('tiny_1.0_all.deb');
    expect(replayed).toMatchObject({ misses: [], damaged: [] });
    expect(replayed.output).toContain('tiny_1.0_all.deb');
    const { packages } = await packagesOf(recording.exchanges, (digest) => store.open(digest));
    expect(packages).toMatchObject([{ purl: 'pkg:deb/debian/tiny@1.0?arch=all', integrity: 'index' }]);
  });
});
