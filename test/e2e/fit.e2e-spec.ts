import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buildImage } from '@envarium/oci';
import type { FitAnswer, Resolution } from '@envarium/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliSetting } from './cli-harness.js';
import { problemOf, type RestClient } from './rest-client.js';

const FLAGS =
  'fpu cx8 cmov mmx fxsr sse sse2 syscall lm cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3 avx avx2 bmi1 bmi2 f16c fma abm movbe xsave aes pclmulqdq rdrand';
const CPUINFO = `processor : 0\nvendor_id : GenuineIntel\ncpu family : 6\nmodel : 63\nflags : ${FLAGS}\n`;
const OLD_CPUINFO = CPUINFO.replace(' avx2', '');

function gpuLog(product: string, driver: string, cuda: string): string {
  return `==============NVSMI LOG==============\n\nDriver Version : ${driver}\nCUDA Version : ${cuda}\n\nAttached GPUs : 1\nGPU 00000000:07:00.0\n    Product Name : ${product}\n    Serial Number : 1234567890123\n`;
}

describe('e2e/fit', () => {
  let setting: CliSetting;
  let author: RestClient;
  let anonymous: RestClient;

  beforeAll(async () => {
    setting = await CliSetting.start();
    anonymous = setting.server.anonymous;
    author = await setting.server.account('ada', { lab: 'owner' });
    const config = { architecture: 'amd64', os: 'linux', config: { Env: ['PATH=/bin', 'CUDA_VERSION=10.2.89'] } };
    const image = buildImage({ layers: [], config });
    for (const blob of image.blobs) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of blob.content()) chunks.push(Buffer.from(chunk));
      await author.pushBlob('lab/net', Buffer.concat(chunks));
    }
    const { mediaType, bytes } = image.manifest;
    await author.pushManifest('lab/net', 'work', mediaType, Buffer.from(bytes).toString()).expect(201);
    const reports = { cpuinfo: CPUINFO, 'nvidia-smi-q.txt': gpuLog('Tesla T4', '535.54.03', '12.2') };
    await author.publish('lab/net', { ...reports, 'a.txt': 'a' }, { image: 'work' });
    await author.publish('lab/net', { ...reports, 'requirements.txt': 'torch==2.1.0+cu118\n' }, { image: 'work' });
  });

  afterAll(async () => {
    await setting.stop();
  });

  const fit = async (reports: Readonly<Record<string, string>>, version = 1): Promise<FitAnswer> => {
    const body = { reports: Object.entries(reports).map(([name, content]) => ({ path: name, content })) };
    return (await anonymous.post(`versions/lab%2Fnet@v${version}/fit`, body).expect(200)).body as FitAnswer;
  };

  it('compares the machine of the reports with the archived one, and says what was read of each', async () => {
    const { machine, reports, fit: report } = await fit({ 'a/cpuinfo': CPUINFO, notes: 'The CPU was fast.' });

    expect(machine.cpu?.microarchitecture).toEqual({ value: 'haswell', source: 'cpuinfo', learned: 'derived' });
    expect(reports.map((each) => [each.path, each.format])).toEqual([
      ['a/cpuinfo', 'cpuinfo'],
      ['notes', null],
    ]);
    expect(report.willItStart.verdict).toBe('yes');
    expect(report.bitsMatch.reasons.slice(0, 2)).toEqual([
      'The archived machine had a GPU; which one yours has is not known.',
      'Same core (haswell), as many CPUs, same instruction set.',
    ]);
    expect(report.virtualPackages).toEqual(['__archspec=1=haswell']);
  });

  it('predicts from the image that an old CUDA has no code for a new GPU', async () => {
    const { fit: report } = await fit({ cpuinfo: CPUINFO, smi: gpuLog('NVIDIA H100 PCIe', '550.90.07', '12.4') });

    expect(report.gpu.verdict).toBe('jit');
    expect(report.gpu.reasons[0]).toMatch(/^CUDA 10\.2 \(CUDA_VERSION of the image\) is older than NVIDIA H100 PCIe/);
  });

  it('takes the CUDA of the packages before that of the image', async () => {
    const smi = gpuLog('NVIDIA H100 PCIe', '550.90.07', '12.4');

    expect((await fit({ smi }, 2)).fit.gpu).toEqual({
      verdict: 'native',
      reasons: [
        'CUDA 11.8 (torch 2.1.0+cu118 of pypi) makes machine code for NVIDIA H100 PCIe (compute capability 9.0).',
      ],
    });
    const old = gpuLog('Tesla T4', '418.43', '10.1');
    expect((await fit({ smi: old }, 2)).fit.gpu.verdict).toBe('needs-newer-driver');
  });

  it('takes a fingerprint as it is, and the fingerprint of the record fits itself', async () => {
    const fingerprint: unknown = (await anonymous.get('versions/lab%2Fnet@v1/hardware').expect(200)).body;

    const answer = await anonymous.post('versions/lab%2Fnet@v1/fit', { fingerprint }).expect(200);

    expect((answer.body as FitAnswer).fit.bitsMatch.verdict).toBe('plausible');
    expect(JSON.stringify(fingerprint)).not.toContain('1234567890123');
  });

  it('answers the same questions by query, without reports', async () => {
    const query = 'architecture=amd64&gpu=Tesla+T4&gpuDriver=390.30&kernel=6.1.0';
    const { body } = await anonymous.get(`versions/lab%2Fnet@v1/resolution?${query}`).expect(200);

    expect((body as Resolution).fit?.gpu).toEqual({
      verdict: 'needs-newer-driver',
      reasons: ['CUDA 10.2 needs a driver from 440.33 on; yours is 390.30.'],
    });
  });

  it('refuses reports that nobody understands with the reason for each, and questions that ask twice', async () => {
    const reports = [{ path: 'smi.xml', content: '<nvidia_smi_log>' }];
    const refused = await problemOf(anonymous.post('versions/lab%2Fnet@v1/fit', { reports }).expect(422));

    expect(refused).toMatchObject({
      code: 'HARDWARE_NOT_UNDERSTOOD',
      errors: { reports: [{ path: 'smi.xml', format: null, line: 1 }] },
    });
    for (const body of [{}, { reports: [] }, { reports, fingerprint: {} }, { fingerprint: { schemaVersion: 2 } }]) {
      await anonymous.post('versions/lab%2Fnet@v1/fit', body).expect(400);
    }
  });

  it('is asked by the command line for another machine by its reports, or by this one', async () => {
    const files = { cpu: path.join(setting.work, 'cpuinfo'), gpu: path.join(setting.work, 'smi.txt') };
    await writeFile(files.cpu, OLD_CPUINFO);
    await writeFile(files.gpu, gpuLog('Tesla V100-SXM2-16GB', '580.65.06', '13.0'));
    const hardware = ['--hardware', files.cpu, '--hardware', files.gpu];

    const other = await setting.anonymous('resolve', 'lab/net@v1', ...hardware, '--json');
    const text = await setting.anonymous('resolve', 'lab/net@v1', ...hardware);
    const own = await setting.anonymous('resolve', 'lab/net@v1', '--json');

    expect(other.document.fit.gpu.verdict).toBe('native');
    expect(other.document.fit.bitsMatch.reasons[0]).toBe('The archived machine was x86-64-v3, yours is x86-64-v2.');
    expect(text.stdout).toMatch(/^On such a machine \(x86_64, x86-64-v2\):\n[^]*GPU\?[^]*native\n[^]*for conda/);
    expect(own.document.fit.virtualPackages).toContain('__unix=0=0');
  });

  it('says which file it does not understand, and takes one description of a machine only', async () => {
    const notes = path.join(setting.work, 'notes');
    await writeFile(notes, 'The CPU was fast.');

    const unread = await setting.anonymous('resolve', 'lab/net@v1', '--hardware', notes);
    expect([unread.code, unread.stderr]).toEqual([2, expect.stringContaining('notes is not understood: no report of')]);
    expect((await setting.anonymous('resolve', 'lab/net@v1', '--hardware', `${notes}-gone`)).code).toBe(2);
    const both = ['--hardware', notes, '--architecture', 'arm64'];
    expect((await setting.anonymous('resolve', 'lab/net@v1', ...both)).code).toBe(2);
  });
});
