import type { ArchiveError, ErrorDetail } from './archive-error.js';

/** RFC 9457 problem details, with our stable `code`. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly errors?: ErrorDetail;
  readonly instance?: string;
}

/** Error body of the OCI Distribution Specification, section "Error Codes". */
export interface OciErrorBody {
  readonly errors: readonly [{ readonly code: string; readonly message: string; readonly detail: ErrorDetail }];
}

/** @param requestId goes into `instance`, so that a person can report which request failed. */
export function toProblem(error: ArchiveError, requestId?: string): ProblemDocument {
  return {
    type: `urn:envarium:error:${error.code}`,
    title: error.message,
    status: error.status,
    code: error.code,
    ...(error.remedy !== undefined && { detail: error.remedy }),
    ...(Object.keys(error.detail).length > 0 && { errors: error.detail }),
    ...(requestId !== undefined && { instance: `urn:envarium:request:${requestId}` }),
  };
}

/** Codes that only we know are folded into the specification's own, so that clients act on them rightly. */
const OCI_CODE: Readonly<Record<string, string>> = {
  BLOB_UPLOAD_OFFSET: 'BLOB_UPLOAD_INVALID',
  BLOB_UPLOAD_BUSY: 'BLOB_UPLOAD_INVALID',
  RANGE_INVALID: 'BLOB_UPLOAD_INVALID',
  MANIFEST_TOO_LARGE: 'MANIFEST_INVALID',
  TAG_INVALID: 'MANIFEST_INVALID',
  TAG_IMMUTABLE: 'DENIED',
  TOKEN_INVALID: 'UNAUTHORIZED',
  NAMESPACE_UNKNOWN: 'NAME_UNKNOWN',
  METHOD_NOT_ALLOWED: 'UNSUPPORTED',
};

export function toOciBody(error: ArchiveError): OciErrorBody {
  const message = error.remedy === undefined ? error.message : `${error.message}. ${error.remedy}`;
  return { errors: [{ code: OCI_CODE[error.code] ?? error.code, message, detail: error.detail }] };
}
