export { type ApiAccess, inClusterAccess, KubernetesApi } from './kubernetes-api.js';
export { KubernetesExecutor } from './kubernetes.executor.js';
export { kubernetesObjects, type KubernetesObjects, type PodRequest } from './kubernetes-objects.js';
export { runPodJob } from './pod-program.js';
export { type KubernetesSettings } from './settings.js';
