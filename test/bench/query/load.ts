import http from 'node:http';

export interface Latencies {
  /** Milliseconds from the first byte of the request to the last of the answer. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly requestsPerSecond: number;
}

export interface Load {
  readonly requests: number;
  readonly warmUp: number;
  readonly connections: number;
}

/** Asks without measuring: compilers and caches of a process that has just started are not what users meet. */
export async function warmUp(url: string, nextPath: () => string, load: Load): Promise<void> {
  await measure(url, nextPath, { ...load, requests: load.warmUp });
}

/**
 * Asks over keep-alive connections, each the next question as soon as it has its answer.
 * @param nextPath path and query of the next question
 * @throws Error when an answer is not 200 or holds no item: an archive that finds nothing is fast
 */
export async function measure(url: string, nextPath: () => string, load: Load): Promise<Latencies> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: load.connections });
  try {
    const begin = performance.now();
    const times = await run(url, agent, nextPath, load.connections, load.requests);
    const seconds = (performance.now() - begin) / 1000;
    const sorted = times.toSorted((a, b) => a - b);
    const percentile = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
    return {
      p50: percentile(0.5),
      p95: percentile(0.95),
      p99: percentile(0.99),
      max: percentile(1),
      requestsPerSecond: times.length / seconds,
    };
  } finally {
    agent.destroy();
  }
}

async function run(
  url: string,
  agent: http.Agent,
  nextPath: () => string,
  connections: number,
  requests: number,
): Promise<number[]> {
  const times: number[] = [];
  let left = requests;
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      times.push(await ask(new URL(nextPath(), url), agent));
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  return times;
}

async function ask(url: URL, agent: http.Agent): Promise<number> {
  const begin = performance.now();
  const { status, body } = await new Promise<{ status: number; body: string }>((resolve, reject) => {
    http
      .get(url, { agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      })
      .on('error', reject);
  });
  const elapsed = performance.now() - begin;
  if (status !== 200 || body.startsWith('{"items":[]'))
    throw new Error(`${url.href} answered ${status}: ${body.slice(0, 300)}`);
  return elapsed;
}
