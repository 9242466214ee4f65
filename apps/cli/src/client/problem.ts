import { z } from 'zod';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Failure } from '../failure.js';
import type { HttpRequest, HttpResponse } from './http-client.js';

/** RFC 9457 with the members of our own. */
const Problem = z.object({
  title: z.string(),
  status: z.number(),
  code: z.string(),
  detail: z.string().optional(),
  errors: z.record(z.string(), z.unknown()).optional(),
  instance: z.string().optional(),
});

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes */
const OciErrors = z.object({
  errors: z
    .array(z.object({ code: z.string(), message: z.string().optional(), detail: z.unknown().optional() }))
    .min(1),
});

const MAX_PROBLEM_BYTES = 256 * 1024;

/** Reads an answer that is a refusal: problem+json, the OCI envelope, or something that is not ours. */
export async function readProblem(response: HttpResponse, request: HttpRequest): Promise<Failure> {
  const text = await readText(response);
  const exitCode = exitCodeOf(response.status);
  const body = parseJson(text);

  const problem = Problem.safeParse(body);
  if (problem.success) {
    const { code, title, detail: remedy = null, errors = {}, instance } = problem.data;
    const detail = { ...errors, ...(response.status >= 500 && instance !== undefined && { request: instance }) };
    return { exitCode, code, title, remedy: remedy ?? loginRemedy(response.status), detail };
  }
  const oci = OciErrors.safeParse(body);
  if (oci.success) {
    const [first] = oci.data.errors;
    const detail = z.record(z.string(), z.unknown()).catch({}).parse(first?.detail);
    const code = first?.code ?? 'UNKNOWN';
    return { exitCode, code, title: first?.message ?? code, remedy: loginRemedy(response.status), detail };
  }
  return {
    exitCode,
    code: `HTTP_${response.status}`,
    title: `${request.method} ${request.path} was answered with status ${response.status}`,
    remedy:
      loginRemedy(response.status) ??
      (request.method === 'HEAD' ? null : 'Is there an Envarium server at this address?'),
    detail: text.trim() === '' ? {} : { answer: text.trim().slice(0, 300) },
  };
}

export function exitCodeOf(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.denied;
  if (status === 404 || status === 410) return EXIT.notFound;
  if (status >= 502 && status <= 504) return EXIT.unreachable;
  return EXIT.failure;
}

function loginRemedy(status: number): string | null {
  if (status !== 401) return null;
  return 'Log in with `envarium login URL --token TOKEN`, or give --token or ENVARIUM_TOKEN.';
}

async function readText({ body }: HttpResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      if (!(chunk instanceof Uint8Array)) continue;
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_PROBLEM_BYTES) break;
    }
  } catch {
    // The status is known; a body that breaks off adds nothing to it.
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
