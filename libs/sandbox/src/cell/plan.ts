/** A directory or file of the host, and where it is seen by the programs that build and run. */
export interface VisiblePath {
  readonly source: string;
  readonly target: string;
  readonly isWritable: boolean;
}

/** Everything that the program around one job has to know; comes to it as one line of JSON. */
export interface CellPlan {
  /** The job's own directory on the host. */
  readonly directory: string;
  readonly diskBytes: number;
  /** `cgroup.procs` files that the builder enters before it begins. */
  readonly groups: readonly string[];
  /** Directories of the control groups, the containers' being one below. Null: not to be had. */
  readonly counters: { readonly memory: string | null; readonly processes: string | null };
  readonly visible: readonly VisiblePath[];
  /** Text files by their path inside. */
  readonly files: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly runtime: string;
  readonly standIn: {
    readonly program: string;
    readonly socket: string;
    readonly authority: string;
    readonly ports: readonly number[];
  } | null;
  /** Addresses of the host, which must not be reached. */
  readonly addresses: readonly string[];
  /** Commands that bring the images in, that do the work, and that take the image out. */
  readonly prepare: readonly Command[];
  readonly program: Command;
  readonly finish: readonly Command[];
}

export type Command = readonly [program: string, ...parameters: string[]];

export type CellLimit = 'memory' | 'processes' | 'disk';
export type Attempts = Readonly<Record<'dns' | 'tcp' | 'udp' | 'ipv6', 'refused' | 'reached'>>;

/** What the program around a job tells, one line of JSON each. */
export type CellEvent =
  | { readonly kind: 'canary'; readonly attempts: Attempts }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'limit'; readonly name: CellLimit }
  | { readonly kind: 'end'; readonly exitCode: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** Paths inside, fixed so that nothing of this machine gets into an image. */
export const INSIDE = {
  disk: '/disk',
  image: '/disk/image',
  own: '/envarium',
  notes: '/envarium/notes',
  runtime: '/envarium/runtime',
  node: '/envarium/node',
  /** The compiled code of this library. */
  program: '/envarium/program',
  containerPlan: '/envarium/container.json',
  injected: '/envarium/injected',
  context: '/context',
  dockerfile: '/dockerfile',
  subject: '/subject',
  /** In the file system that a container has for its devices: no stub of it is left in the image. */
  injectedInContainer: '/dev/.envarium',
} as const;
