/** What this machine builds and runs without emulation, in Go's spelling. */
export const HOST_PLATFORM = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`;
