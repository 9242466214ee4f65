import { Inject, Module } from '@nestjs/common';
import { ArtifactsService } from './artifacts.service.js';
import { BlobSources } from './blob-source.js';
import { BlobsService } from './blobs.service.js';
import { CollectorService } from './collector.service.js';
import { ContentService } from './content.service.js';
import { DeletionService } from './deletion.service.js';
import { FixityService } from './fixity.service.js';
import { ImageArchiveService } from './image-archive.service.js';
import { ImageTreeService } from './image-tree.service.js';
import { ManifestsService } from './manifests.service.js';
import { PreservationService } from './preservation.service.js';
import { PublicContentCache } from './public-content-cache.js';
import { ReferrersService } from './referrers.service.js';
import { RegistryReplayService } from './registry-replay.service.js';
import { ReplicationService } from './replication.service.js';
import { RequesterService } from './requester.service.js';
import { RepositoriesService } from './repositories.service.js';
import { TagsService } from './tags.service.js';
import { UploadsService } from './uploads.service.js';

const SERVICES = [
  ArtifactsService,
  BlobSources,
  BlobsService,
  CollectorService,
  ContentService,
  DeletionService,
  FixityService,
  ImageArchiveService,
  ImageTreeService,
  ManifestsService,
  PreservationService,
  PublicContentCache,
  ReferrersService,
  RegistryReplayService,
  ReplicationService,
  RepositoriesService,
  RequesterService,
  TagsService,
  UploadsService,
];

@Module({ providers: SERVICES, exports: SERVICES })
export class RegistryModule {
  /** The nearest source is asked first. */
  constructor(@Inject(BlobSources) sources: BlobSources, @Inject(ReplicationService) replication: ReplicationService) {
    sources.add(replication);
  }
}
