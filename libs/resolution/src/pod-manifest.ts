const MAX_NAME = 63;

/**
 * A Pod that runs an image by digest, with what an archived program may be given and no more: no token of the cluster,
 * no privileges, limits. It waits on its terminal: `kubectl attach --stdin --tty`.
 */
export function podManifest(reference: string, repository: string): string {
  return `apiVersion: v1
kind: Pod
metadata:
  name: ${podName(repository)}
spec:
  automountServiceAccountToken: false
  restartPolicy: Never
  securityContext:
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: environment
      image: "${reference}"
      stdin: true
      tty: true
      securityContext:
        allowPrivilegeEscalation: false
        capabilities:
          drop: ["ALL"]
      resources:
        requests:
          cpu: "1"
          memory: 2Gi
        limits:
          cpu: "2"
          memory: 4Gi
          ephemeral-storage: 8Gi
`;
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
function podName(repository: string): string {
  const name = repository.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return `env-${name}`.slice(0, MAX_NAME).replace(/-$/, '');
}
