import { access, readFile } from 'node:fs/promises';
import { programEnvironment } from '@envarium/config';
import type { SeenContainer } from '@envarium/schema';

/** The container around us, by the marks that engines leave inside; null where there is none, or none that says so. */
export async function findContainer(root = '/'): Promise<SeenContainer | null> {
  const variables = programEnvironment({});
  const image = variables['APPTAINER_CONTAINER'] ?? variables['SINGULARITY_CONTAINER'];
  // Its path tells who somebody is; its name is enough.
  if (image !== undefined) return { engine: 'apptainer', image: image.slice(image.lastIndexOf('/') + 1) };
  const podman = await readFile(`${root}run/.containerenv`, 'utf8').catch(() => null);
  if (podman !== null) return { engine: 'podman', image: /^image="([^"]+)"/m.exec(podman)?.[1] ?? null };
  if (await isThere(`${root}.dockerenv`)) return { engine: 'docker', image: null };
  return variables['KUBERNETES_SERVICE_HOST'] === undefined ? null : { engine: 'kubernetes', image: null };
}

async function isThere(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}
