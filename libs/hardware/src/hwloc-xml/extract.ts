import type { Cpu, Gpu, HardwareFingerprint } from '@envarium/schema';
import { derived, reported } from '../facts.js';
import { ReportError, type HardwareReading } from '../format.js';
import { computeCapabilityOf } from '../gpu-table.js';
import { listed } from '../listed.js';
import { readXmlDocument } from '../xml-document.js';
import { cachesOf } from './caches.js';
import { allObjects, countBits, infoValues, uniformCount } from './objects.js';
import { Topology, type TopologyObject } from './schema.js';

const SOURCE = 'hwloc-xml';
const REPEATED: ReadonlySet<string> = new Set(['object', 'info', 'page_type', 'cpukind']);
const CORES: ReadonlySet<string> = new Set(['Core']);
/** hwloc before 1.11 called a package a socket. */
const PACKAGES: ReadonlySet<string> = new Set(['Package', 'Socket']);

export function extract(content: string): HardwareReading | null {
  const document = readXmlDocument(content, {
    root: 'topology',
    isRepeated: (name) => REPEATED.has(name),
    hasAttributes: true,
  });
  if (document === null) return null;
  const read = Topology.safeParse(document);
  if (!read.success)
    throw new ReportError('XML with the root of hwloc, but not its shape', null, { cause: read.error });
  return readTopology(read.data.topology);
}

function readTopology(topology: Topology): HardwareReading {
  const [machine] = topology.object;
  if (machine === undefined || machine['@type'] !== 'Machine') throw new ReportError('hwloc XML without a machine');
  const objects = allObjects(topology.object);
  const problems: HardwareFingerprint['problems'] = [];
  const ofMachine = [...topology.info, ...machine.info];
  const ofCpu = [
    ...machine.info,
    ...objects.filter((each) => PACKAGES.has(each['@type'])).flatMap(({ info }) => info),
    ...topology.cpukind.flatMap((kind) => (typeof kind === 'string' ? [] : kind.info)),
  ];

  function only(infos: typeof ofCpu, ...names: readonly string[]): string | null {
    for (const name of names) {
      const values = infoValues(infos, name);
      if (values.length > 1) {
        problems.push({ source: SOURCE, message: `${name} differs: ${listed(values)}`, line: null });
        return null;
      }
      if (values[0] !== undefined) return values[0];
    }
    return null;
  }

  const architecture = only(ofMachine, 'Architecture');
  const system = only(ofMachine, 'OSName');
  const modelNames = infoValues(ofCpu, 'CPUModel');
  const cpu: Partial<Cpu> = {
    ...topologyOf(topology, machine, objects),
    vendor: reported(SOURCE, only(ofCpu, 'CPUVendor', 'CPUImplementer')),
    modelNames: modelNames.length === 0 ? null : reported(SOURCE, modelNames),
    family: reported(SOURCE, only(ofCpu, 'CPUFamilyNumber', 'CPUArchitecture')),
    model: reported(SOURCE, only(ofCpu, 'CPUModelNumber', 'CPUPart')),
    stepping: reported(SOURCE, only(ofCpu, 'CPUStepping', 'CPURevision')),
    caches: cachesOf(objects, SOURCE),
  };
  return {
    architecture: reported(SOURCE, architecture),
    operatingSystem: reported(SOURCE, system),
    kernel: reported(SOURCE, only(ofMachine, 'OSRelease')),
    memoryBytes: derived(SOURCE, memoryOf(objects)),
    pageSizeBytes: derived(SOURCE, pageSizeOf(objects)),
    cpu,
    gpus: gpusOf(objects, problems),
    problems,
  };
}

function topologyOf(
  { '@version': version }: Topology,
  machine: TopologyObject,
  objects: readonly TopologyObject[],
): Partial<Cpu> {
  const ofType = (type: string) => objects.filter((each) => each['@type'] === type);
  const sockets = objects.filter((each) => PACKAGES.has(each['@type']));
  // Format 1 left out the only node of a machine that is not NUMA.
  const nodeCount = ofType('NUMANode').length || (version === undefined ? 1 : 0);
  return {
    logicalCpus: derived(SOURCE, countBits(machine['@complete_cpuset'] ?? '')),
    onlineCpus: derived(SOURCE, ofType('PU').length || null),
    sockets: derived(SOURCE, sockets.length || null),
    coresPerSocket: derived(SOURCE, uniformCount([machine], PACKAGES, 'Core')),
    threadsPerCore: derived(SOURCE, uniformCount([machine], CORES, 'PU')),
    numaNodes: derived(SOURCE, nodeCount || null),
  };
}

/** Of the nodes; in format 1 of the machine where there is none. Memory on a GPU is a node of its own. */
function memoryOf(objects: readonly TopologyObject[]): number | null {
  const sizes = objects.flatMap(({ '@local_memory': size, '@subtype': subtype }) =>
    subtype !== 'GPUMemory' && /^\d{1,15}$/.test(size ?? '') ? [Number(size)] : [],
  );
  return sizes.length === 0 ? null : sizes.reduce((sum, size) => sum + size, 0);
}

function pageSizeOf(objects: readonly TopologyObject[]): number | null {
  const sizes = objects
    .flatMap(({ page_type: types }) => types)
    .flatMap((type) =>
      typeof type !== 'string' && /^\d{1,12}$/.test(type['@size'] ?? '') ? [Number(type['@size'])] : [],
    );
  return sizes.length === 0 ? null : Math.min(...sizes);
}

/** What NVIDIA's, AMD's or Intel's library says of a device; else the name of an NVIDIA GPU in the PCI list. */
function gpusOf(objects: readonly TopologyObject[], problems: HardwareFingerprint['problems']): Gpu[] {
  const gpus: Gpu[] = [];
  for (const device of objects) {
    if (device['@type'] !== 'PCIDev') continue;
    const infos = [device, ...device.object].flatMap(({ info }) => info);
    const [model] = infoValues(infos, 'GPUModel');
    const isNvidiaGpu = /^030[02] \[10de:/i.test(device['@pci_type'] ?? '');
    const [listedName] = isNvidiaGpu ? infoValues(device.info, 'PCIDevice') : [];
    const name = model ?? listedName;
    if (name === undefined) {
      if (!isNvidiaGpu) continue;
      problems.push({ source: SOURCE, message: 'a GPU of NVIDIA without a name', line: null });
      continue;
    }
    const kibibytes = infoValues(infos, 'CUDAGlobalMemorySize')[0] ?? '';
    gpus.push({
      model: name,
      architecture: null,
      computeCapability: derived(SOURCE, computeCapabilityOf(name)),
      brand: null,
      memoryBytes: /^\d{1,12}$/.test(kibibytes) ? Number(kibibytes) * 1024 : null,
      eccEnabled: null,
      migMode: null,
      source: SOURCE,
    });
  }
  return gpus;
}
