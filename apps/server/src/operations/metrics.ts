import type { FixityStatus } from '@envarium/schema';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/**
 * Prometheus metrics of this process at /metrics. Labels hold route patterns, never addresses as called: names of
 * private repositories would leak, and their number has no bound.
 */
export function registerMetrics(fastify: FastifyInstance, status: () => Promise<FixityStatus>): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'envarium_http_request_duration_seconds',
    help: 'Time from request to the end of the answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600],
    registers: [registry],
  });
  const open = new Gauge({
    name: 'envarium_http_requests_open',
    help: 'Requests being answered now',
    registers: [registry],
  });
  registerFixityMetrics(registry, status);
  fastify.addHook('onRequest', async (request, reply) => {
    const end = duration.startTimer();
    open.inc();
    // 'close' comes once for every request, also for hijacked and aborted ones.
    reply.raw.once('close', () => {
      open.dec();
      end({ method: request.method, route: request.routeOptions.url ?? 'none', status: reply.raw.statusCode });
    });
  });
  fastify.get('/metrics', async (_request, reply) => {
    void reply.header('Content-Type', registry.contentType);
    return await registry.metrics();
  });
}

/** How the stored bytes are doing, asked for when metrics are read. Alert on any suspect or missing blob. */
function registerFixityMetrics(registry: Registry, status: () => Promise<FixityStatus>): void {
  const blobs = new Gauge({
    name: 'envarium_blobs',
    help: 'Stored blobs that are not as they should be, by state',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      // Without the database the figures of the process itself are wanted all the more.
      const current = await status().catch(() => null);
      blobs.reset();
      if (current === null) return;
      const { unverified, suspect, missing, quarantined } = current;
      for (const [state, count] of Object.entries({ unverified, suspect, missing, quarantined })) {
        blobs.set({ state }, count);
      }
    },
  });
}
