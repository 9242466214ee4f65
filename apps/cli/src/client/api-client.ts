import { randomUUID } from 'node:crypto';
import {
  EnvironmentCoverage,
  ArchiveRecord,
  ContentUse,
  type CreateDeposit,
  type CreateIngest,
  type CreateJob,
  CreatedToken,
  type CreateLink,
  FitAnswer,
  EnvironmentDiff,
  EnvironmentFacts,
  EnvironmentManifest,
  HardwareFingerprint,
  type ExportFormat,
  type ExportQuery,
  Ingest,
  Job,
  JobLogLine,
  ListedToken,
  MachineUse,
  type NamespaceRole,
  OutputLink,
  PackageFile,
  PackageHit,
  PackageUse,
  PackageUseSummary,
  PublicKey,
  Receipt,
  ReceiptDetail,
  RecordVersion,
  Resolution,
  ResolveAnswer,
  WhoAmI,
} from '@envarium/schema';
import { z } from 'zod';
import { EXIT } from '../exit-codes.js';
import { CommandFailed } from '../failure.js';
import type { HttpClient, HttpRequest } from './http-client.js';
import { serverEvents } from './server-events.js';

const API = '/api/v1';
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

const DepositAnswer = z.object({ version: RecordVersion, packageFiles: z.array(PackageFile), isNew: z.boolean() });
export type DepositAnswer = z.infer<typeof DepositAnswer>;

const PackageUsesAnswer = pageOf(PackageUse).extend({ summary: PackageUseSummary.nullable() });
export type PackageUsesAnswer = z.infer<typeof PackageUsesAnswer>;

export interface PageOf<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface PageRequest {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

type Query = Readonly<Record<string, string | number | undefined>>;

/** The REST API, one method for each thing the command line asks. Every answer is parsed. */
export class ApiClient {
  constructor(private readonly http: HttpClient) {}

  whoAmI(): Promise<z.infer<typeof WhoAmI>> {
    return this.get('/whoami', WhoAmI);
  }

  createNamespace(name: string): Promise<void> {
    return this.command('POST', '/namespaces', { name });
  }

  setMember(namespace: string, account: string, role: NamespaceRole): Promise<void> {
    return this.command('PUT', `/namespaces/${segment(namespace)}/members/${segment(account)}`, { role });
  }

  createAccount(name: string): Promise<void> {
    return this.command('POST', '/accounts', { name });
  }

  tokens(): Promise<PageOf<z.infer<typeof ListedToken>>> {
    return this.get('/tokens', pageOf(ListedToken));
  }

  createToken(body: { name: string; account?: string | undefined; expiresInDays?: number | undefined }) {
    return this.call({ method: 'POST', path: '/tokens', ...json(body) }, CreatedToken);
  }

  revokeToken(id: string): Promise<void> {
    return this.command('DELETE', `/tokens/${segment(id)}`);
  }

  /** The key makes a repeated request one deposit. */
  deposit(body: CreateDeposit): Promise<DepositAnswer> {
    const { headers, body: text } = json(body);
    const message = { path: '/deposits', body: text, headers: { ...headers, 'idempotency-key': randomUUID() } };
    return this.call({ method: 'POST', ...message }, DepositAnswer);
  }

  /** @returns null when there is no such record, or none that may be seen */
  async findRecord(reference: string): Promise<ArchiveRecord | null> {
    try {
      return await this.get(`/records/${segment(reference)}`, ArchiveRecord);
    } catch (error) {
      if (error instanceof CommandFailed && error.failure.exitCode === EXIT.notFound) return null;
      throw error;
    }
  }

  versions(reference: string): Promise<PageOf<RecordVersion>> {
    return this.get(`/records/${segment(reference)}/versions`, pageOf(RecordVersion));
  }

  version(reference: string): Promise<RecordVersion> {
    return this.get(`/versions/${segment(reference)}`, RecordVersion);
  }

  files(reference: string): Promise<PageOf<PackageFile>> {
    return this.get(`/versions/${segment(reference)}/files`, pageOf(PackageFile));
  }

  packages(reference: string, page: PageRequest): Promise<PageOf<PackageHit>> {
    return this.get(`/versions/${segment(reference)}/packages`, pageOf(PackageHit), { ...page });
  }

  coverage(reference: string): Promise<EnvironmentCoverage> {
    return this.get(`/versions/${segment(reference)}/coverage`, EnvironmentCoverage);
  }

  environmentFacts(reference: string): Promise<EnvironmentFacts> {
    return this.get(`/versions/${segment(reference)}/environment-facts`, EnvironmentFacts);
  }

  /** The bytes as an installer, or another program, reads them. */
  async export(reference: string, format: ExportFormat, query: ExportQuery): Promise<Buffer> {
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const path = `${API}/versions/${segment(reference)}/export/${format}?${new URLSearchParams(given).toString()}`;
    return await this.http.read(await this.http.send({ method: 'GET', path }), MAX_ANSWER_BYTES);
  }

  resolution(
    reference: string,
    machine: { architecture?: string; isaLevel?: string; kernel?: string },
  ): Promise<Resolution> {
    return this.get(`/versions/${segment(reference)}/resolution`, Resolution, machine);
  }

  fit(reference: string, fingerprint: HardwareFingerprint): Promise<FitAnswer> {
    return this.call(
      { method: 'POST', path: `/versions/${segment(reference)}/fit`, ...json({ fingerprint }) },
      FitAnswer,
    );
  }

  packageUses(
    ecosystem: string,
    name: string,
    question: { range: string; answer: string } & PageRequest,
  ): Promise<PackageUsesAnswer> {
    return this.get(`/packages/${segment(ecosystem)}/${segment(name)}/uses`, PackageUsesAnswer, { ...question });
  }

  machineUses(question: Query): Promise<PageOf<MachineUse>> {
    return this.get('/machines/uses', pageOf(MachineUse), question);
  }

  contentUses(digest: string, page: PageRequest): Promise<PageOf<ContentUse>> {
    return this.get(`/contents/${segment(digest)}/uses`, pageOf(ContentUse), { ...page });
  }

  diff(from: string, to: string): Promise<EnvironmentDiff> {
    return this.get('/diff', EnvironmentDiff, { from, to });
  }

  environment(reference: string): Promise<EnvironmentManifest> {
    return this.get(`/versions/${segment(reference)}/environment`, EnvironmentManifest);
  }

  /** @param platform of an index, the image that is meant; null: the one that there is */
  imageEnvironment(reference: string, platform: string | null): Promise<EnvironmentManifest> {
    const query = platform === null ? {} : { platform };
    return this.get(`/versions/${segment(reference)}/image-environment`, EnvironmentManifest, query);
  }

  hardware(reference: string): Promise<HardwareFingerprint> {
    return this.get(`/versions/${segment(reference)}/hardware`, HardwareFingerprint);
  }

  receipts(reference: string, page: PageRequest): Promise<PageOf<Receipt>> {
    return this.get(`/versions/${segment(reference)}/receipts`, pageOf(Receipt), { ...page });
  }

  receipt(id: string): Promise<ReceiptDetail> {
    return this.get(`/receipts/${segment(id)}`, ReceiptDetail);
  }

  /** Byte for byte as it was signed; the caller checks it. */
  async envelope(id: string): Promise<Buffer> {
    const path = `${API}/receipts/${segment(id)}/envelope`;
    return await this.http.read(await this.http.send({ method: 'GET', path }), MAX_ANSWER_BYTES);
  }

  keys(): Promise<PageOf<PublicKey>> {
    return this.get('/keys', pageOf(PublicKey));
  }

  rotateKeys(): Promise<PublicKey> {
    return this.call({ method: 'POST', path: '/keys/rotate', ...json({}) }, PublicKey);
  }

  resolve(question: Query): Promise<ResolveAnswer> {
    return this.get('/resolve', ResolveAnswer, question);
  }

  publish(reference: string, acceptSecrets: boolean): Promise<RecordVersion> {
    const path = `/versions/${segment(reference)}/publish`;
    return this.call({ method: 'POST', path, ...json({ acceptSecrets }) }, RecordVersion);
  }

  link(reference: string, body: CreateLink): Promise<OutputLink> {
    return this.call({ method: 'POST', path: `/versions/${segment(reference)}/links`, ...json(body) }, OutputLink);
  }

  links(reference: string): Promise<PageOf<OutputLink>> {
    return this.get(`/versions/${segment(reference)}/links`, pageOf(OutputLink));
  }

  whatRan(question: { doi?: string | undefined; output?: string | undefined; file?: string | undefined }) {
    return this.get('/what-ran', pageOf(OutputLink), question);
  }

  /** The key makes a repeated request one ingest. */
  ingest(repository: string, body: CreateIngest): Promise<Ingest> {
    const { headers, body: text } = json(body);
    const path = `/repositories/${segment(repository)}/ingests`;
    const message = { path, body: text, headers: { ...headers, 'idempotency-key': randomUUID() } };
    return this.call({ method: 'POST', ...message }, Ingest);
  }

  ingests(repository: string): Promise<PageOf<Ingest>> {
    return this.get(`/repositories/${segment(repository)}/ingests`, pageOf(Ingest));
  }

  findIngest(id: string): Promise<Ingest> {
    return this.get(`/ingests/${segment(id)}`, Ingest);
  }

  cancelIngest(id: string): Promise<Ingest> {
    return this.call({ method: 'POST', path: `/ingests/${segment(id)}/cancel`, ...json({}) }, Ingest);
  }

  /** The key makes a repeated request one job. */
  requestJob(reference: string, body: Partial<CreateJob>): Promise<Job> {
    const { headers, body: text } = json(body);
    const path = `/versions/${segment(reference)}/jobs`;
    const message = { path, body: text, headers: { ...headers, 'idempotency-key': randomUUID() } };
    return this.call({ method: 'POST', ...message }, Job);
  }

  jobs(reference: string): Promise<PageOf<Job>> {
    return this.get(`/records/${segment(reference)}/jobs`, pageOf(Job));
  }

  findJob(id: string): Promise<Job> {
    return this.get(`/jobs/${segment(id)}`, Job);
  }

  cancelJob(id: string): Promise<Job> {
    return this.call({ method: 'POST', path: `/jobs/${segment(id)}/cancel`, ...json({}) }, Job);
  }

  /** The log as text, piece by piece. */
  async jobLog(id: string): Promise<AsyncIterable<Uint8Array>> {
    const path = `${API}/jobs/${segment(id)}/log`;
    return this.http.chunks(await this.http.send({ method: 'GET', path, headers: { accept: 'text/plain' } }));
  }

  /**
   * A job as it goes on, until it ends or the connection does.
   * @param after number of the last line that was seen
   * @param signal ends the connection, which else would keep the process
   */
  async *jobEvents(id: string, after: number, signal: AbortSignal): AsyncGenerator<Job | JobLogLine, void, undefined> {
    const path = `${API}/jobs/${segment(id)}/events?after=${after}`;
    const response = await this.http.send({ method: 'GET', path, headers: { accept: 'text/event-stream' } });
    const end = (): void => void response.body.destroy();
    signal.addEventListener('abort', end, { once: true });
    try {
      for await (const { event, data } of serverEvents(this.http.chunks(response))) {
        if (event === 'line') yield parseAnswer(data, JobLogLine, path);
        else if (event === 'job' || event === 'end') yield parseAnswer(data, Job, path);
      }
    } finally {
      signal.removeEventListener('abort', end);
      end();
    }
  }

  private get<T>(path: string, schema: z.ZodType<T>, query: Query = {}): Promise<T> {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
    const text = parameters.toString();
    return this.call({ method: 'GET', path: text === '' ? path : `${path}?${text}` }, schema);
  }

  private async call<T>(message: HttpRequest, schema: z.ZodType<T>): Promise<T> {
    const path = `${API}${message.path}`;
    const headers = { accept: 'application/json', ...message.headers };
    const response = await this.http.send({ ...message, path, headers });
    const bytes = await this.http.read(response, MAX_ANSWER_BYTES);
    return parseAnswer(bytes, schema, path);
  }

  /** For requests whose answer says nothing more than that they were done. */
  private async command(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<void> {
    const response = await this.http.send({ method, path: `${API}${path}`, ...(body !== undefined && json(body)) });
    await this.http.read(response, MAX_ANSWER_BYTES);
  }
}

function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().nullable().default(null) });
}

function json(body: unknown) {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function segment(text: string): string {
  return encodeURIComponent(text);
}

function parseAnswer<T>(bytes: Buffer | string, schema: z.ZodType<T>, path: string): T {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw notOurs(path, ['not JSON']);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw notOurs(
    path,
    result.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.')}: ${issue.message}`),
  );
}

function notOurs(path: string, problems: readonly string[]): CommandFailed {
  return new CommandFailed({
    exitCode: EXIT.failure,
    code: 'ANSWER_INVALID',
    title: `the answer to ${path} is not what this program expects`,
    remedy: 'Is there an Envarium server at this address, and of the same version as this program?',
    detail: { problems },
  });
}
