import { ArchiveError } from '@envarium/errors';
import { readDockerfile, type DockerfileOptions } from './reading.js';

/**
 * Puts the canonical, digest-pinned reference in the place of every image that a Dockerfile names: after FROM (where an ARG
 * stood, too), in `COPY --from=` and in `RUN --mount=from=`. Every other character stays.
 *
 * @param references what stands in the file, after its ARGs were put in -> what shall stand there
 * @throws ArchiveError BASE_UNOBTAINABLE when one is not given
 */
export function pinBases(
  dockerfile: string,
  references: ReadonlyMap<string, string>,
  options: DockerfileOptions = {},
): string {
  const { bases } = readDockerfile(dockerfile, options);
  let text = dockerfile;
  // From the end, so that the places before stay where they are.
  for (const { reference, line, place } of bases.toSorted((a, b) => b.place.start - a.place.start)) {
    const pinned = references.get(reference);
    if (pinned === undefined) throw new ArchiveError('BASE_UNOBTAINABLE', { reference, line });
    text = text.slice(0, place.start) + place.before + pinned + place.after + text.slice(place.end);
  }
  return text;
}
