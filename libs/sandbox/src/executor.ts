/** Bytes, seconds and counts that a build or a run may use. What exceeds them is ended, not slowed down. */
export interface Limits {
  readonly wallSeconds: number;
  readonly memoryBytes: number;
  readonly processes: number;
  readonly diskBytes: number;
  readonly cpus: number;
  /** Of one output of the program, standard output and error together. */
  readonly logBytes: number;
}

export type LimitName = 'memory' | 'processes' | 'disk' | 'wall' | 'cpu';

/** What an executor can do on this machine, found out by doing it. */
export interface ExecutorProbe {
  readonly isUsable: boolean;
  /** Why not, in a sentence for the operator; null when it is usable. */
  readonly reason: string | null;
  readonly isolation: 'none' | 'namespaces' | 'user-namespaces' | 'vm';
  /** Limits that were seen to hold. */
  readonly limits: ReadonlySet<LimitName>;
  readonly isNetworkOff: boolean;
  readonly canPinClock: boolean;
  /** `os/architecture` of images that can be built and run. */
  readonly platforms: readonly string[];
  readonly builder: { readonly name: string; readonly version: string; readonly runtime: string | null };
}

/** An image on disk as an OCI layout with one image manifest. */
export interface LayoutImage {
  readonly layout: string;
  readonly digest: string;
}

/** What stands in for the Internet: nothing, or a server behind a Unix socket that is reached whatever name is asked for. */
export type Internet =
  | { readonly kind: 'off' }
  | {
      readonly kind: 'stand-in';
      /** Listens for HTTP/1.1; the origin that was meant is in the header `envarium-origin`. */
      readonly socket: string;
      /** PEM. The authority that leaf certificates are issued by, and that programs inside are told to trust. */
      readonly authority: { readonly certificate: string; readonly key: string };
      /** TCP ports that are answered inside; 443-like ones speak TLS, found out by the first byte. */
      readonly ports: readonly number[];
      /** Null: what will be asked for is not known before, as in a recording. */
      readonly answers: StandInAnswers | null;
    };

/** The answers of a stand-in as files, for a builder that reaches no socket of this machine. */
export interface StandInAnswers {
  /** Writes them below an empty directory, for the program that answers over there. */
  write(directory: string): Promise<void>;
  /**
   * What that program says it was asked for, as JSON. Called once, before the build is over.
   * @throws ArchiveError EXECUTOR_UNAVAILABLE when it says nothing that can be read
   */
  told(account: unknown): void;
}

export type Clock = { readonly kind: 'host' } | { readonly kind: 'pinned'; readonly at: Date };

export interface BuildJob {
  /** Private and empty; everything that the executor writes is below it, and it is removed by the caller. */
  readonly directory: string;
  /** Build context on disk; the Dockerfile is read from `dockerfile`, not from it. */
  readonly context: string;
  readonly dockerfile: string;
  /** Images by the reference that stands after FROM. No other image can be had. */
  readonly bases: readonly { readonly reference: string; readonly image: LayoutImage }[];
  readonly internet: Internet;
  readonly clock: Clock;
  /** SOURCE_DATE_EPOCH: every time stamp in the image, seconds. */
  readonly epoch: number;
  readonly platform: string;
  readonly limits: Limits;
}

export interface RunJob {
  readonly directory: string;
  readonly image: LayoutImage;
  /** Run by `/bin/sh -c` in the image. */
  readonly command: string;
  /** Null: as the image says. */
  readonly workingDirectory: string | null;
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Host directories or files; read-only unless said otherwise. A program has no capabilities: root, too, writes only where
   * the mode of a directory lets it.
   */
  readonly mounts: readonly { readonly source: string; readonly target: string; readonly isWritable: boolean }[];
  readonly clock: Clock;
  readonly limits: Limits;
}

/** Why a program ended that did not end by itself. */
export type EndedBy = 'itself' | 'wall' | 'memory' | 'processes' | 'disk' | 'log' | 'cancelled';

export interface Usage {
  readonly wallMs: number;
  readonly peakMemoryBytes: number | null;
  readonly cpuMs: number | null;
}

export interface Canary {
  /** What became of each attempt to get out, made inside before the first step: DNS, TCP, UDP, IPv6. */
  readonly attempts: Readonly<Record<'dns' | 'tcp' | 'udp' | 'ipv6', 'refused' | 'reached'>>;
}

export interface BuildOutcome {
  readonly exitCode: number | null;
  readonly endedBy: EndedBy;
  /** Null when there is no image. */
  readonly image: LayoutImage | null;
  readonly usage: Usage;
  readonly canary: Canary | null;
}

export interface RunOutcome {
  readonly exitCode: number | null;
  readonly endedBy: EndedBy;
  readonly usage: Usage;
  readonly canary: Canary | null;
}

/** Is told what a build or a run prints, line by line, as it comes. */
export interface EventSink {
  line(stream: 'stdout' | 'stderr' | 'note', text: string): void;
}

/**
 * Builds and runs images that nobody trusts. A program inside reaches no network but the stand-in, sees no process, device,
 * file or credential of the host, shares no cache with another job, and ends at its limits.
 */
export interface Executor {
  readonly id: 'buildah' | 'podman' | 'docker' | 'kubernetes';
  probe(): Promise<ExecutorProbe>;
  /** Why a build with such an Internet cannot be done here, in a sentence for the operator; null when it can. */
  refuses(internet: Internet): string | null;
  /** @throws ArchiveError EXECUTOR_UNAVAILABLE. What the recipe does wrong is an outcome, and so is being cancelled. */
  build(job: BuildJob, sink: EventSink, signal: AbortSignal): Promise<BuildOutcome>;
  /** @throws as `build` */
  run(job: RunJob, sink: EventSink, signal: AbortSignal): Promise<RunOutcome>;
  /** Files of the programs that build, by their path inside an image: what has to be kept to build the same way again. */
  programFiles(): Promise<readonly { readonly path: string; readonly source: string; readonly mode: number }[]>;
}
