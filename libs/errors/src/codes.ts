/**
 * The one table of failures. Codes of the OCI Distribution Specification keep its spelling
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes); ours follow the same style.
 * `title` says what is wrong, `remedy` what the person can do about it.
 */
interface ErrorEntry {
  readonly status: number;
  readonly title: string;
  readonly remedy?: string;
  /** Better advice where `detail.reason` says more. */
  readonly remedies?: Readonly<Record<string, string>>;
  /** True when the same request may succeed later without any change. */
  readonly isTemporary?: boolean;
}

export const ERROR_CODES = {
  // --- OCI Distribution Specification -------------------------------------------------------------------------------
  BLOB_UNKNOWN: { status: 404, title: 'blob unknown to this repository' },
  BLOB_UPLOAD_INVALID: { status: 400, title: 'blob upload invalid', remedy: 'Start the upload again with POST.' },
  BLOB_UPLOAD_UNKNOWN: {
    status: 404,
    title: 'blob upload unknown to this repository',
    remedy: 'Uploads expire; start a new one with POST.',
  },
  BLOB_UPLOAD_OFFSET: {
    status: 416,
    title: 'chunk does not start where the upload stands',
    remedy: 'Continue at the offset given by the Range header.',
  },
  BLOB_UPLOAD_BUSY: {
    status: 409,
    title: 'another request is writing to this upload',
    remedy: 'Wait for the other request to end, or start a new upload.',
    isTemporary: true,
  },
  DIGEST_INVALID: {
    status: 400,
    title: 'digest does not match the content, or is not a supported digest',
    remedy: 'Send sha256:<64 hex> or sha512:<128 hex> of exactly the bytes you send.',
  },
  MANIFEST_BLOB_UNKNOWN: {
    status: 404,
    title: 'image manifest names content that this repository does not have',
    remedy: 'Push the blobs and child image manifests first.',
  },
  MANIFEST_INVALID: {
    status: 400,
    title: 'image manifest invalid',
    remedies: {
      'docker-schema-1':
        'It is of schema 1, the format of Docker before 1.10, which names neither a config nor the layers as they are ' +
        'unpacked, and whose digest does not survive a copy. Copy it once into a format of today: ' +
        '`skopeo copy --format oci`, or pull it with Docker and push it again.',
    },
  },
  MANIFEST_TOO_LARGE: { status: 413, title: 'image manifest is larger than 4 MiB' },
  MANIFEST_UNKNOWN: {
    status: 404,
    title: 'image manifest unknown to this repository',
    remedies: {
      'docker-schema-1':
        'These bytes are an image manifest of schema 1, which no client can be trusted to pull. They are kept: ' +
        'get them from /blobs/ under the same digest.',
    },
  },
  NAME_INVALID: {
    status: 400,
    title: 'invalid repository name',
    remedy: 'Use lower-case path components as in lab/eeg-analysis.',
  },
  NAME_UNKNOWN: { status: 404, title: 'repository not known to this registry' },
  SIZE_INVALID: { status: 400, title: 'length does not match the content' },
  RANGE_INVALID: { status: 416, title: 'requested range is not satisfiable' },
  TAG_INVALID: { status: 400, title: 'invalid tag', remedy: 'Use at most 128 of A-Z a-z 0-9 _ . -' },
  TAG_IMMUTABLE: {
    status: 409,
    title: 'tag belongs to a published version and cannot move',
    remedy: 'Push under another tag, or deposit a new version.',
  },
  UNAUTHORIZED: { status: 401, title: 'authentication required', remedy: 'Log in with a token of this service.' },
  DENIED: { status: 403, title: 'requested access to the resource is denied' },
  UNSUPPORTED: { status: 405, title: 'the operation is unsupported' },
  TOOMANYREQUESTS: { status: 429, title: 'too many requests', remedy: 'Wait, then try again.', isTemporary: true },

  PRECONDITION_FAILED: {
    status: 412,
    title: 'the tag does not point where the request says it must',
    remedy: 'Read the tag again, and decide anew.',
  },

  // --- access -------------------------------------------------------------------------------------------------------
  TOKEN_INVALID: {
    status: 401,
    title: 'the token is unknown, expired or revoked',
    remedy: 'Ask an owner of the namespace for a new token, or create one with `envarium token create`.',
  },
  NAMESPACE_UNKNOWN: {
    status: 404,
    title: 'namespace not found',
    remedy: 'Create it with `envarium namespace create NAME`, or check the spelling.',
  },
  NAMESPACE_EXISTS: { status: 409, title: 'a namespace of this name exists already' },
  ACCOUNT_UNKNOWN: { status: 404, title: 'account not found' },
  ACCOUNT_EXISTS: { status: 409, title: 'an account of this name exists already' },

  // --- images -------------------------------------------------------------------------------------------------------
  PLATFORM_UNKNOWN: {
    status: 404,
    title: 'the image is not for this platform, or for several like it',
    remedy: 'Ask for one of the platforms that are listed, or for the digest of one.',
  },
  IMAGE_NOT_PORTABLE: {
    status: 409,
    title: 'this image cannot be given as one archive',
    remedy: 'Ask for one platform, or pull it from the registry: what is here is served there.',
  },

  // --- records ------------------------------------------------------------------------------------------------------
  RECORD_UNKNOWN: { status: 404, title: 'record not found' },
  VERSION_UNKNOWN: { status: 404, title: 'record version not found' },
  VERSION_PUBLISHED: {
    status: 409,
    title: 'this version is published and can never change',
    remedy: 'Deposit again: the correction becomes the next version.',
  },
  VERSION_NOT_PUBLISHED: {
    status: 409,
    title: 'this version is a draft',
    remedy: 'Publish it first with `envarium publish RECORD@vN`.',
  },
  VERSION_INCOMPLETE: {
    status: 422,
    title: 'this version has neither an image nor a package file',
    remedy: 'Deposit package files, push an image, or both, before publishing.',
  },
  VERSION_IMAGE_UNKNOWN: {
    status: 422,
    title: 'the image of this version is not in its repository',
    remedy: 'Push the image to the repository of the record, then try again.',
  },
  RECORD_HELD: { status: 409, title: 'record is under a preservation hold' },
  DEPOSIT_INVALID: { status: 422, title: 'the deposit cannot be accepted as it is' },
  DEPOSIT_TOO_LARGE: {
    status: 413,
    title: 'the deposit is larger than this service accepts',
    remedy: 'Keep data out of the deposit: package files, reports and recipes only.',
  },
  SECRET_FOUND: {
    status: 422,
    title: 'the deposit seems to contain secrets, which could never be withdrawn from the archive',
    remedy: 'Remove them and deposit again, or publish with `--accept-secrets` if they are not secrets.',
  },

  ENVIRONMENT_UNKNOWN: {
    status: 404,
    title: 'no package file of this version was understood, so its packages are not known',
    remedy: 'Get the deposited files themselves: `envarium files RECORD@vN --output DIR`.',
  },
  EXPORT_REFUSED: {
    status: 409,
    title: 'this environment cannot be given exactly in this format',
    remedy: 'Nothing is guessed to fill the gap. What is known: `--format cyclonedx`, or the deposited files.',
    remedies: {
      'several-files': 'Several files are exact. Name the one that is meant with `file`.',
      'several-platforms': 'The file is for several platforms. Name the one that is meant with `platform`.',
      'several-environments': 'The file holds several environments. Name the one that is meant with `environment`.',
      'environment-unknown': 'The file has no such environment; `choices` names those it has.',
      'too-large': 'The environment is too large to be written while you wait. Get its manifest: `/environment`.',
      'file-unknown': 'No such file of this version lists packages for this format; `choices` names those that do.',
      'platform-unknown': 'The file is not for this platform; `choices` names those it is for.',
      'no-packages': 'No file of this version lists packages for this format.',
      'no-lock-file':
        'Such a lock file holds more than a list of packages, so it must have been deposited to be given back.',
    },
  },

  // --- articles -----------------------------------------------------------------------------------------------------
  HARDWARE_NOT_UNDERSTOOD: {
    status: 422,
    title: 'no report of the machine is understood',
    remedy:
      'Take it with `lscpu --json`, `cat /proc/cpuinfo` or `nvidia-smi -q`; `errors` says what is wrong with each.',
  },
  DOI_INVALID: {
    status: 400,
    title: 'not a DOI',
    remedy: 'Give it as 10.5555/12345678 or https://doi.org/10.5555/12345678.',
  },
  OUTPUT_LABEL_INVALID: {
    status: 400,
    title: 'not the label of a figure, table or other output',
    remedy: 'Write it as printed in the article: "Figure 3b", "Table S2", "Extended Data Fig. 1".',
  },
  ARTICLE_UNKNOWN: { status: 404, title: 'no article with this DOI is known here' },
  OUTPUT_UNKNOWN: { status: 404, title: 'no such output is known here' },
  RUN_UNKNOWN: { status: 404, title: 'run not found' },

  // --- other servers ------------------------------------------------------------------------------------------------
  OUTBOUND_REFUSED: {
    status: 422,
    title: 'this service may not connect to that address',
    remedy:
      'Only addresses of the public Internet are connected to. The operator can permit a host with ENVARIUM_OUTBOUND_ALLOW.',
  },
  UPSTREAM_UNAVAILABLE: {
    status: 502,
    title: 'the other server cannot be reached, or does not answer in time',
    remedy: 'Try again later: what was transferred completely is kept.',
    isTemporary: true,
  },
  UPSTREAM_INVALID: {
    status: 502,
    title: 'the other server answered with something that cannot be what was asked for',
    remedy: 'Check the address. If it is right, tell the operator of that server.',
  },
  UPSTREAM_DENIED: {
    status: 403,
    title: 'the other server does not give access',
    remedy: 'Check the spelling, and give a name and a password of that server that may read it.',
  },
  UPSTREAM_UNKNOWN: {
    status: 404,
    title: 'the other server does not have it',
    remedy: 'Check the spelling of the name, the tag or the digest.',
  },
  SEAL_BROKEN: {
    status: 409,
    title: 'a stored secret cannot be read any more',
    remedy: 'The secret of this installation has changed. Send the request again, with name and password.',
    remedies: {
      'signing-key':
        'The secret of this installation has changed. Give it back, or let receipts be signed by a new key: ' +
        '`envarium keys rotate`.',
    },
  },
  INGEST_UNKNOWN: { status: 404, title: 'ingest not found' },
  INGEST_ENDED: { status: 409, title: 'this ingest has ended already' },
  INGEST_ABANDONED: {
    status: 500,
    title: 'the ingest was begun again and again and never came to an end',
    remedy: 'Tell the operator: the log of the resolver says why.',
  },

  // --- recipes, rebuilds, receipts ----------------------------------------------------------------------------------
  RECIPE_INVALID: {
    status: 422,
    title: 'the recipe cannot be built',
    remedy: 'The detail says which file, which line, and why. Mend it and deposit a new version.',
  },
  RECIPE_UNKNOWN: {
    status: 404,
    title: 'this version has no recipe',
    remedy: 'Deposit a Dockerfile, or package files from which one can be made.',
  },
  RECIPE_REFUSED: {
    status: 422,
    title: 'the recipe asks for what is not done here',
    remedy: 'The detail says what and where. Secrets and remote frontends have no place in an archived recipe.',
  },
  BASE_UNOBTAINABLE: {
    status: 422,
    title: 'an image that the recipe starts from cannot be had',
    remedy: 'Push that image to this archive, or ingest it, and name it by digest.',
  },
  CLOSURE_UNKNOWN: {
    status: 404,
    title: 'nothing was recorded for a rebuild of this version',
    remedy: 'Record it while its sources still exist: `envarium rehearse`.',
  },
  CLOSURE_INCOMPLETE: {
    status: 409,
    title: 'the recorded closure lacks something that the build asked for',
    remedy: 'The detail lists the addresses. Record again while they answer: `envarium rehearse`.',
  },
  CLOSURE_TOO_LARGE: { status: 422, title: 'the build fetches more than a closure may hold' },
  BUILD_FAILED: {
    status: 422,
    title: 'the build ended without an image',
    remedy: 'The log of the job says what its last steps printed. Mend the recipe and deposit a new version.',
  },
  EXECUTOR_UNAVAILABLE: {
    status: 503,
    title: 'nothing on this machine can build or run images safely',
    remedy:
      'Install buildah or podman with runc where the resolver runs; `envarium executors` says what each one lacks.',
    isTemporary: true,
  },
  LAYER_INVALID: { status: 422, title: 'a layer of the image cannot be read' },
  IMAGE_TOO_LARGE: { status: 422, title: 'the image is larger than what is read here' },
  RECEIPT_UNKNOWN: { status: 404, title: 'receipt not found' },
  RECEIPT_INVALID: {
    status: 422,
    title: 'the receipt does not hold',
    remedy: 'Do not rely on it. Get it again from the archive, together with the public key.',
    remedies: {
      'unknown-key': 'Get the keys of the archive that signed it: `envarium keys --output keys.pem`.',
      'not-a-key': 'Give a PEM file of public keys, as `envarium keys --output keys.pem` writes it.',
      'subject-differs': 'Its signature is right, but it is about something else than what was asked for.',
    },
  },
  RUN_NOT_REPEATABLE: {
    status: 409,
    title: 'this run cannot be repeated',
    remedy: 'A run needs a recorded command, an environment that can be had, and the bytes of its inputs.',
  },
  JOB_UNKNOWN: { status: 404, title: 'job not found' },
  JOB_ENDED: { status: 409, title: 'this job has ended already' },
  JOB_ABANDONED: {
    status: 500,
    title: 'the job was begun again and again and never came to an end',
    remedy: 'Tell the operator: the log of the resolver says why.',
  },

  // --- questions about environments ---------------------------------------------------------------------------------
  RANGE_SYNTAX_INVALID: {
    status: 400,
    title: 'not a version range of this ecosystem',
    remedy: 'Write it as the packages of the ecosystem do; the detail has an example.',
  },
  ENVIRONMENT_TOO_LARGE: {
    status: 422,
    title: 'the environment is too large to be compared here',
    remedy: 'Get both environment manifests, and compare them on your machine.',
  },

  // --- everything else ----------------------------------------------------------------------------------------------
  REQUEST_INVALID: { status: 400, title: 'the request is not valid' },
  NOT_FOUND: { status: 404, title: 'nothing is here' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'this address does not take this method' },
  CURSOR_INVALID: {
    status: 400,
    title: 'the page cursor is not one of ours',
    remedy: 'Use the `next` value of the page before, unchanged, with the same filters.',
  },
  IDEMPOTENCY_CONFLICT: {
    status: 422,
    title: 'this Idempotency-Key was used before with another request',
    remedy: 'Use a new key for a new request.',
  },
  IDEMPOTENCY_BUSY: {
    status: 409,
    title: 'a request with this Idempotency-Key is still running',
    remedy: 'Wait for it, then repeat the request.',
    isTemporary: true,
  },
  QUERY_TOO_COMPLEX: {
    status: 400,
    title: 'the query is too deep or too costly',
    remedy: 'Ask for fewer levels or smaller pages.',
  },
  ARCHIVE_INVALID: { status: 400, title: 'the archive file cannot be read' },
  BODY_TOO_LARGE: { status: 413, title: 'the request body is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'the request body is of a type not taken here' },
  BLOB_CORRUPT: {
    status: 500,
    title: 'stored bytes do not match their digest',
    remedy: 'Tell the operator; pushing the same content again heals it.',
  },
  JOURNAL_CONFLICT: { status: 409, title: 'a journal entry of this id exists with other content' },
  STORE_FULL: {
    status: 507,
    title: 'the object store has no space left',
    remedy: 'Nothing was stored. The operator must add space; then try again.',
    isTemporary: true,
  },
  STORE_UNAVAILABLE: {
    status: 503,
    title: 'the object store cannot be reached',
    remedy: 'Nothing was stored. Try again later.',
    isTemporary: true,
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    title: 'the database cannot be reached',
    remedy: 'Nothing was stored. Try again later.',
    isTemporary: true,
  },
  CLIENT_CLOSED_REQUEST: { status: 499, title: 'the client went away' },
  CONFIG_INVALID: { status: 500, title: 'the configuration is not valid' },
  INTERNAL: { status: 500, title: 'internal error', remedy: 'Report the request id to the operator.' },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

export function errorEntry(code: ErrorCode): ErrorEntry {
  return ERROR_CODES[code];
}
