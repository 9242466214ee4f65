import type { AuthenticationService, Identity } from '@envarium/access';
import type {
  BlobsService,
  DeletionService,
  ManifestsService,
  ReferrersService,
  RepositoriesService,
  RepositoryRef,
  TagsService,
  UploadsService,
} from '@envarium/registry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { BlobDelivery } from './blob-delivery.js';

/** What the HTTP surface needs from the application. */
export interface OciServices {
  readonly authentication: AuthenticationService;
  readonly repositories: RepositoriesService;
  readonly blobs: BlobsService;
  readonly uploads: UploadsService;
  readonly manifests: ManifestsService;
  readonly tags: TagsService;
  readonly referrers: ReferrersService;
  readonly deletion: DeletionService;
  /** Who sends large blobs; without it, this service does. */
  readonly delivery?: BlobDelivery | null;
  /** How clients reach this service, without a slash at the end. A function: the port is known only after listening. */
  readonly publicUrl: () => string;
}

/** One request under `/v2`, after authentication. */
export interface OciCall {
  readonly services: OciServices;
  readonly identity: Identity;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly query: URLSearchParams;
  /** Digest, tag or upload id from the path, not yet checked. */
  readonly reference: string;
}

/** One request inside a repository that the caller has the right to. */
export interface RepositoryCall extends OciCall {
  readonly repository: RepositoryRef;
}
