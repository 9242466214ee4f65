import { Module } from '@nestjs/common';
import { ArtifactsService } from './artifacts.service.js';
import { BlobsService } from './blobs.service.js';
import { CollectorService } from './collector.service.js';
import { ContentService } from './content.service.js';
import { DeletionService } from './deletion.service.js';
import { FixityService } from './fixity.service.js';
import { ManifestsService } from './manifests.service.js';
import { ReferrersService } from './referrers.service.js';
import { RegistryReplayService } from './registry-replay.service.js';
import { RepositoriesService } from './repositories.service.js';
import { TagsService } from './tags.service.js';
import { UploadsService } from './uploads.service.js';

const SERVICES = [
  ArtifactsService,
  BlobsService,
  CollectorService,
  ContentService,
  DeletionService,
  FixityService,
  ManifestsService,
  ReferrersService,
  RegistryReplayService,
  RepositoriesService,
  TagsService,
  UploadsService,
];

@Module({ providers: SERVICES, exports: SERVICES })
export class RegistryModule {}
