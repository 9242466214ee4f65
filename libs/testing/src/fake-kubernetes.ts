import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Job {
  readonly uid: string;
  readonly body: JobBody;
  status: Record<string, unknown>;
}
interface JobBody {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: { suspend?: boolean; readonly template: { readonly spec: Readonly<Record<string, unknown>> } };
}
interface PolicyBody {
  readonly metadata: { readonly name: string; readonly ownerReferences?: readonly { readonly uid: string }[] };
}

/** A pod as the node that runs it sees it. */
export class FakePod {
  readonly lines: string[] = [];
  readonly killed = new AbortController();
  status: Record<string, unknown> = { phase: 'Pending' };
  readonly name: string;

  constructor(
    private readonly cluster: FakeKubernetes,
    readonly job: string,
    readonly spec: Readonly<Record<string, unknown>>,
  ) {
    this.name = `${job}-x7k2p`;
  }

  set(status: Record<string, unknown>): void {
    this.status = status;
    this.cluster.changed('MODIFIED', this);
  }

  running(): void {
    this.set({ phase: 'Running', containerStatuses: [{ name: 'builder', state: { running: {} } }] });
  }

  ended(exitCode: number, reason = exitCode === 0 ? 'Completed' : 'Error'): void {
    const state = { terminated: { exitCode, reason } };
    this.set({ phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses: [{ name: 'builder', state }] });
  }

  log(line: string): void {
    this.lines.push(line);
    this.cluster.logged();
  }

  get hasStarted(): boolean {
    const [status] = (this.status['containerStatuses'] ?? []) as { state: { waiting?: object } }[];
    return status !== undefined && status.state.waiting === undefined;
  }
}

/**
 * As much of the Kubernetes API as jobs need, with its rules: a name is taken once, a suspended Job has no pod, what is owned
 * goes with its owner, a watch begins where the list ended and ends when it was asked to, a log can be read once its
 * container runs.
 */
export class FakeKubernetes {
  readonly jobs = new Map<string, Job>();
  readonly policies = new Map<string, PolicyBody>();
  readonly pods = new Map<string, FakePod>();
  readonly requests: string[] = [];
  /** Pods that began while no policy stood: must stay empty. */
  readonly exposed: string[] = [];
  /** True: as `kubectl proxy` listens, to whoever is on this machine. */
  isOpen = false;
  /** `verb resource` that the account may not. */
  readonly forbidden = new Set<string>();
  /** Answers that come instead of the real ones, once each. */
  readonly faults: { readonly request: RegExp; readonly status: number; readonly isDone?: boolean }[] = [];
  private readonly watches = new Map<ServerResponse, (type: string, pod: FakePod) => void>();
  private readonly followers = new Set<ServerResponse>();
  private version = 1;

  private constructor(
    private readonly server: Server,
    readonly token: string,
    private readonly node: (pod: FakePod) => Promise<void>,
  ) {}

  static async start(node: (pod: FakePod) => Promise<void>): Promise<FakeKubernetes> {
    const server = createServer();
    const cluster = new FakeKubernetes(server, 'the-token', node);
    server.on('request', (request, response) => {
      void cluster.answer(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return cluster;
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
  }

  async stop(): Promise<void> {
    for (const pod of this.pods.values()) pod.killed.abort();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** As a proxy in between does that has seen nothing for a while. */
  cut(): void {
    for (const response of [...this.watches.keys(), ...this.followers]) response.destroy();
  }

  /** The cluster ends a job whose time is over: its pods are killed, and taken away. */
  expire(name: string): void {
    const job = this.jobs.get(name);
    if (job !== undefined)
      job.status = { conditions: [{ type: 'Failed', status: 'True', reason: 'DeadlineExceeded' }] };
    this.removePods(name);
  }

  removePods(job: string): void {
    for (const pod of [...this.pods.values()].filter((one) => one.job === job)) {
      pod.killed.abort();
      this.pods.delete(pod.name);
      this.changed('DELETED', pod);
    }
  }

  changed(type: string, pod: FakePod): void {
    this.version++;
    for (const tell of this.watches.values()) tell(type, pod);
    if (pod.killed.signal.aborted || ['Succeeded', 'Failed'].includes(String(pod.status['phase']))) this.logged();
  }

  logged(): void {
    for (const response of this.followers) response.emit('more');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://cluster');
    const line = `${request.method} ${url.pathname}${url.searchParams.has('watch') ? '?watch' : ''}`;
    this.requests.push(line);
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const body: unknown = text === '' ? null : JSON.parse(text);
    if (!this.isOpen && request.headers.authorization !== `Bearer ${this.token}`)
      return refuse(response, 401, 'Unauthorized');
    const fault = this.faults.findIndex((one) => one.request.test(line));
    if (fault >= 0) {
      const [{ status, isDone }] = this.faults.splice(fault, 1) as [(typeof this.faults)[number]];
      if (isDone === true) this.dispatch(line, url, body, silent());
      return refuse(response, status, 'injected');
    }
    this.dispatch(line, url, body, response);
  }

  private dispatch(line: string, url: URL, body: unknown, response: ServerResponse): void {
    const [, kind = '', name = '', part = ''] =
      /^\/(?:apis\/(?:batch|networking\.k8s\.io)\/v1|api\/v1)\/namespaces\/envarium-jobs\/(\w+)(?:\/([^/]+))?(?:\/(\w+))?$/.exec(
        url.pathname,
      ) ?? [];
    const method = line.split(' ', 1)[0] ?? '';
    if (url.pathname.endsWith('/selfsubjectaccessreviews')) return this.review(body as never, response);
    if (this.forbidden.has(`${method} ${kind}`)) return refuse(response, 403, `User cannot ${method} ${kind}`);
    switch (`${method} ${kind}${part && `/${part}`}`) {
      case 'POST jobs':
        return this.createJob(body as JobBody, response);
      case 'POST networkpolicies':
        return this.createPolicy(body as PolicyBody, response);
      case 'PATCH jobs':
        return this.release(name, response);
      case 'GET jobs':
        return this.readJob(name, response);
      case 'DELETE jobs':
        return this.deleteJob(name, response);
      case 'GET pods':
        return url.searchParams.has('watch') ? this.watch(url, response) : this.list(url, response);
      case 'GET pods/log':
        return this.log(name, response);
      default:
        return refuse(response, 404, `the server could not find ${url.pathname}`);
    }
  }

  private review(
    { spec }: { spec: { resourceAttributes: { verb: string; resource: string } } },
    response: ServerResponse,
  ): void {
    const { verb, resource } = spec.resourceAttributes;
    send(response, 201, { status: { allowed: !this.forbidden.has(`${verb} ${resource}`) } });
  }

  private createJob(body: JobBody, response: ServerResponse): void {
    const { name } = body.metadata;
    if (this.jobs.has(name)) return refuse(response, 409, `jobs.batch "${name}" already exists`);
    const job = { uid: `uid-of-${name}`, body, status: {} };
    this.jobs.set(name, job);
    if (body.spec.suspend !== true) this.startPod(job);
    send(response, 201, { ...body, metadata: { ...body.metadata, uid: job.uid } });
  }

  private createPolicy(body: PolicyBody, response: ServerResponse): void {
    const { name } = body.metadata;
    if (this.policies.has(name)) return refuse(response, 409, `networkpolicies "${name}" already exists`);
    this.policies.set(name, body);
    send(response, 201, body);
  }

  private release(name: string, response: ServerResponse): void {
    const job = this.jobs.get(name);
    if (job === undefined) return refuse(response, 404, 'not found');
    if (job.body.spec.suspend === true) {
      job.body.spec.suspend = false;
      this.startPod(job);
    }
    send(response, 200, { metadata: { name, uid: job.uid } });
  }

  private readJob(name: string, response: ServerResponse): void {
    const job = this.jobs.get(name);
    if (job === undefined) return refuse(response, 404, 'not found');
    send(response, 200, { metadata: { name, uid: job.uid }, status: job.status });
  }

  private deleteJob(name: string, response: ServerResponse): void {
    const job = this.jobs.get(name);
    if (job === undefined) return refuse(response, 404, 'not found');
    this.jobs.delete(name);
    this.removePods(name);
    for (const [key, { metadata }] of this.policies) {
      if (metadata.ownerReferences?.some(({ uid }) => uid === job.uid) === true) this.policies.delete(key);
    }
    send(response, 200, { status: 'Success' });
  }

  private startPod({ body }: Job): void {
    const { name } = body.metadata;
    if (!this.policies.has(name)) this.exposed.push(name);
    const pod = new FakePod(this, name, body.spec.template.spec);
    this.pods.set(pod.name, pod);
    this.changed('ADDED', pod);
    void this.node(pod).catch(() => {});
  }

  private selected(url: URL): FakePod[] {
    const job = (url.searchParams.get('labelSelector') ?? '').replace('envarium.org/job=', '');
    return [...this.pods.values()].filter((pod) => pod.job === job);
  }

  private list(url: URL, response: ServerResponse): void {
    const items = this.selected(url).map(({ name, status }) => ({ metadata: { name }, status }));
    send(response, 200, { kind: 'PodList', metadata: { resourceVersion: String(this.version) }, items });
  }

  private watch(url: URL, response: ServerResponse): void {
    const job = (url.searchParams.get('labelSelector') ?? '').replace('envarium.org/job=', '');
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    const tell = (type: string, pod: FakePod): void => {
      if (pod.job !== job) return;
      response.write(`${JSON.stringify({ type, object: { metadata: { name: pod.name }, status: pod.status } })}\n`);
    };
    // What happened since the list.
    if (url.searchParams.get('resourceVersion') !== String(this.version)) {
      for (const pod of this.selected(url)) tell('MODIFIED', pod);
    }
    this.watches.set(response, tell);
    const end = setTimeout(() => response.end(), Number(url.searchParams.get('timeoutSeconds') ?? 1800) * 1000);
    response.on('close', () => {
      clearTimeout(end);
      this.watches.delete(response);
    });
  }

  private log(name: string, response: ServerResponse): void {
    const pod = this.pods.get(name);
    if (pod === undefined) return refuse(response, 404, 'not found');
    if (!pod.hasStarted) return refuse(response, 400, 'container "builder" is waiting to start');
    response.writeHead(200, { 'content-type': 'text/plain' }).flushHeaders();
    let sent = 0;
    const more = (): void => {
      for (; sent < pod.lines.length; sent++) response.write(`${pod.lines[sent]}\n`);
      if (pod.killed.signal.aborted || ['Succeeded', 'Failed'].includes(String(pod.status['phase']))) response.end();
    };
    this.followers.add(response);
    response.on('more', more);
    response.on('close', () => this.followers.delete(response));
    more();
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, code: number, message: string): void {
  send(response, code, { kind: 'Status', status: 'Failure', message, code });
}

/** For a request that is done, and whose answer gets lost. */
function silent(): ServerResponse {
  const response = { writeHead: () => response, end: () => response };
  return response as unknown as ServerResponse;
}
