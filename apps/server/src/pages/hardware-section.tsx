import type { HardwareFingerprint, RecordVersion } from '@envarium/schema';
import type { VNode } from 'preact';
import { versionApiPath } from './page-paths.js';
import { Digest, Foreign, readableSize } from './readable.js';

interface HardwareProps {
  readonly version: RecordVersion;
  readonly fingerprint: HardwareFingerprint | null;
}

export function HardwareSection({ version, fingerprint }: HardwareProps): VNode {
  return (
    <section aria-labelledby="hardware">
      <h2 id="hardware">Hardware</h2>
      {version.hardware === null || fingerprint === null ? (
        <p>No report of the machine was deposited.</p>
      ) : (
        <>
          <dl>
            {facts(fingerprint).flatMap(([name, value]) => [
              <dt key={`${name} name`}>{name}</dt>,
              <dd key={name}>{value === null ? <span class="soft">not reported</span> : <Foreign text={value} />}</dd>,
            ])}
          </dl>
          <p class="soft">
            <a href={versionApiPath(version, 'hardware')}>Hardware fingerprint</a>, with the source of every fact{' '}
            <Digest value={version.hardware.digest} />
          </p>
        </>
      )}
    </section>
  );
}

function gpuText({ model, computeCapability }: HardwareFingerprint['gpus'][number]): string {
  return computeCapability === null ? model : `${model} (compute capability ${computeCapability.value})`;
}

function facts({
  architecture,
  cpu,
  gpus,
  gpuDriver,
  kernel,
  memoryBytes,
}: HardwareFingerprint): [string, string | null][] {
  return [
    ['Architecture', architecture?.value ?? null],
    ['CPU', cpu?.modelNames?.value.join(', ') ?? null],
    ['Instruction set level', cpu?.isaLevel?.value ?? null],
    ['Microarchitecture', cpu?.microarchitecture?.value ?? null],
    ['Logical CPUs', cpu?.logicalCpus?.value.toString() ?? null],
    ['Memory', memoryBytes === null ? null : readableSize(memoryBytes.value)],
    ['GPU', gpus.length === 0 ? null : gpus.map(gpuText).join(', ')],
    ['GPU driver', gpuDriver?.value ?? null],
    ['Kernel', kernel?.value ?? null],
  ];
}
