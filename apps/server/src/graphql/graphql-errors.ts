import { ArchiveError } from '@envarium/errors';
import type { FastifyRequest } from 'fastify';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { toArchiveError } from '../http/to-archive-error.js';

/** What mercurius throws for a document that does not parse, does not fit the schema, or whose variables do not. */
interface RefusedDocument {
  readonly errors: readonly unknown[];
}

/**
 * The third envelope of the error table: `extensions` has the code, its detail, and what one can do about it. A failure of
 * ours is logged here, once however many fields it hit, and shows nothing but the id of the request.
 */
export function formatErrors(thrown: readonly unknown[], request: FastifyRequest): GraphQLFormattedError[] {
  const logged = new Set<unknown>();
  return thrown
    .flatMap((each) => (isRefusedDocument(each) ? each.errors.map(refusal) : [each]))
    .map((each) => {
      const error = archiveErrorOf(each);
      const cause = error.cause ?? error;
      if (error.status >= 500 && !logged.has(cause)) {
        logged.add(cause);
        request.log.error({ err: cause, code: error.code, detail: error.detail }, error.message);
      }
      return formatError(each, error, request.id);
    });
}

/** The HTTP status of a request that was not executed. */
export function statusOf(thrown: unknown): number {
  return isRefusedDocument(thrown) ? 400 : archiveErrorOf(thrown).status;
}

function formatError(thrown: unknown, error: ArchiveError, requestId: string): GraphQLFormattedError {
  const { locations, path } = thrown instanceof GraphQLError ? thrown : {};
  return {
    message: error.message,
    ...(locations !== undefined && { locations }),
    ...(path !== undefined && { path }),
    extensions: {
      code: error.code,
      ...(Object.keys(error.detail).length > 0 && { detail: error.detail }),
      ...(error.remedy !== undefined && { remedy: error.remedy }),
      ...(error.status >= 500 && { requestId }),
    },
  };
}

function archiveErrorOf(thrown: unknown): ArchiveError {
  if (!(thrown instanceof GraphQLError)) return toArchiveError(thrown);
  const { originalError } = thrown;
  if (originalError === undefined || originalError instanceof GraphQLError) {
    // Errors about the query point into it; one about a value that we made does not.
    const isOfQuery = (originalError ?? thrown).locations !== undefined;
    if (isOfQuery) return new ArchiveError('REQUEST_INVALID', { problems: [thrown.message] });
    return new ArchiveError('INTERNAL', {}, { cause: thrown });
  }
  return toArchiveError(originalError);
}

/** Whatever is said of a document before it is executed is about what was sent. */
function refusal(error: unknown): unknown {
  if (!(error instanceof GraphQLError)) return error;
  const originalError = new ArchiveError('REQUEST_INVALID', { problems: [error.message] });
  return new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    originalError,
  });
}

function isRefusedDocument(thrown: unknown): thrown is RefusedDocument {
  return thrown instanceof Error && 'errors' in thrown && Array.isArray(thrown.errors) && thrown.errors.length > 0;
}
