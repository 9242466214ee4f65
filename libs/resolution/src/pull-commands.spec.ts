import { describe, expect, it } from 'vitest';
import { pullCommands } from './pull-commands.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const at = (url: string) => ({ publicUrl: () => url });

describe('resolution/pull-commands', () => {
  it('names the image by digest, for each client', () => {
    const reference = `envarium.example.org/lab/eeg@${DIGEST}`;

    expect(pullCommands(at('https://envarium.example.org'), 'lab/eeg', DIGEST)).toEqual({
      reference,
      docker: `docker pull ${reference}`,
      podman: `podman pull ${reference}`,
      apptainer: `apptainer pull lab-eeg.sif docker://${reference}`,
      skopeo: `skopeo copy --all docker://${reference} oci:lab-eeg`,
      envarium: `envarium pull lab/eeg@${DIGEST} --server https://envarium.example.org`,
    });
  });

  it('tells clients where there is no TLS, and keeps the port', () => {
    const commands = pullCommands(at('http://127.0.0.1:5080'), 'lab/a/b', DIGEST);

    expect(commands.reference).toBe(`127.0.0.1:5080/lab/a/b@${DIGEST}`);
    expect(commands.podman).toBe(`podman pull --tls-verify=false ${commands.reference}`);
    expect(commands.apptainer).toBe(`apptainer pull --no-https lab-a-b.sif docker://${commands.reference}`);
    expect(commands.skopeo).toBe(`skopeo copy --src-tls-verify=false --all docker://${commands.reference} oci:lab-a-b`);
  });

  it('keeps the brackets of IPv6', () => {
    expect(pullCommands(at('http://[::1]:5080'), 'lab/eeg', DIGEST).reference).toBe(`[::1]:5080/lab/eeg@${DIGEST}`);
  });
});
