/** Where the jobs of this installation run, as its operator says. */
export interface KubernetesSettings {
  readonly namespace: string;
  /** Image with the programs that build, by digest: `registry.example.org/envarium/builder@sha256:...`. */
  readonly image: string;
  /** Runs `runPodJob` in that image, as apps/resolver/src/pod/build.ts does. */
  readonly command: readonly string[];
  /** Answers recorded requests from files in that image, as apps/resolver/src/pod/stand-in.ts does. */
  readonly standInCommand: readonly string[];
  /** PersistentVolumeClaim (ReadWriteMany) that jobs and this process share; a job sees only its own part of it. */
  readonly claim: string;
  /** Where that claim is mounted in this process. */
  readonly volume: string;
  /** Null: pods get a user namespace of their own. A class that is a virtual machine needs none. */
  readonly runtimeClass: { readonly name: string; readonly isVm: boolean } | null;
  /** `os/architecture` of the nodes, for what is not built for a platform of its own. */
  readonly platform: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Seconds that a pod may take until it runs: a place on a node, and the image. */
  readonly startSeconds: number;
}
