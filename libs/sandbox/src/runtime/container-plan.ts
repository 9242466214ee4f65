/** What is done to every container of a job before it is made. */
export interface ContainerPlan {
  /** Unique among the jobs of this machine: names control groups. */
  readonly job: string;
  readonly isReadOnly: boolean;
  /** A build needs to change owners and users; a run needs nothing. */
  readonly mayUseCapabilities: boolean;
  /** Null: as the image says. */
  readonly workingDirectory: string | null;
  readonly environment: Readonly<Record<string, string>>;
  /** Seconds since 1970. Null: the clock of the host. */
  readonly clock: number | null;
  readonly hasInjected: boolean;
  readonly mounts: readonly { readonly source: string; readonly target: string; readonly isWritable: boolean }[];
  readonly memoryBytes: number;
  readonly processes: number;
  readonly openFiles: number;
}

/** The parts of a container's configuration that are changed; https://github.com/opencontainers/runtime-spec */
export interface ContainerConfig {
  hostname?: string;
  root: { path: string; readonly?: boolean };
  process: {
    env?: string[];
    cwd?: string;
    noNewPrivileges?: boolean;
    capabilities?: Partial<Record<CapabilitySet, string[]>>;
    rlimits?: { type: string; hard: number; soft: number }[];
  };
  mounts?: ContainerMount[];
  linux: {
    namespaces?: { type: string; path?: string }[];
    cgroupsPath?: string;
    resources?: Record<string, unknown>;
    readonlyPaths?: string[];
  };
}

export interface ContainerMount {
  readonly destination: string;
  readonly type?: string;
  readonly source?: string;
  readonly options?: readonly string[];
}

export type CapabilitySet = 'bounding' | 'effective' | 'permitted' | 'inheritable' | 'ambient';
export const CAPABILITY_SETS = ['bounding', 'effective', 'permitted', 'inheritable', 'ambient'] as const;
