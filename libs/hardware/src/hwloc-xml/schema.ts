import { z } from 'zod';

const Attribute = z.string().max(65_536).optional();

const Info = z.object({ '@name': Attribute, '@value': Attribute });
export type Info = z.infer<typeof Info>;

/** An element without content is an empty string to the XML reader. */
const infos = z.array(z.union([Info, z.string()])).default([]);

export const TopologyObject = z.object({
  '@type': z.string(),
  '@subtype': Attribute,
  '@complete_cpuset': Attribute,
  '@local_memory': Attribute,
  '@cache_size': Attribute,
  '@cache_type': Attribute,
  '@depth': Attribute,
  '@pci_type': Attribute,
  info: infos,
  page_type: z.array(z.union([z.object({ '@size': Attribute }), z.string()])).default([]),
  get object() {
    return z.array(TopologyObject).default([]);
  },
});
export type TopologyObject = z.infer<typeof TopologyObject>;

/** Format 1 has no version attribute; in 3 what was said of the machine stands at the root. */
export const Topology = z.object({
  topology: z.object({
    '@version': Attribute,
    object: z.array(TopologyObject).min(1),
    info: infos,
    cpukind: z.array(z.union([z.object({ info: infos }), z.string()])).default([]),
  }),
});
export type Topology = z.infer<typeof Topology>['topology'];
