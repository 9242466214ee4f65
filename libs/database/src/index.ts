export {
  decodeCursor,
  edgesOf,
  encodeCursor,
  pageOf,
  pageOfEdges,
  type CursorValue,
  type EdgePage,
  type Page,
} from './cursor.js';
export {
  databaseUnavailable,
  isConnectionFailure,
  isTextRefused,
  isUniqueViolation,
  isDeadlock,
} from './database-error.js';
export {
  embeddedPostgresDirectory,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './embedded-postgres.js';
export { Prisma } from './generated/client.js';
export type {
  AssertedRole,
  BlobState,
  IngestState,
  LinkStatus,
  ManifestKind,
  NamespaceRole,
  OutputScope,
  ReferenceKind,
  ScopeKind,
  Standing,
  UploadState,
  VersionState,
  Visibility,
} from './generated/enums.js';
export {
  createMigration,
  diffMigrations,
  resolveMigration,
  type MigrationPaths,
  type NewMigration,
} from './migration-authoring.js';
export { type MigrationState } from './migration-history.js';
export { deployMigrations, migrationState, pendingMigrations, type Deployment } from './migrations.js';
export { findPostmaster, type Postmaster } from './postmaster.js';
export { ChangeFeed, type ChangeListener } from './change-feed.js';
export { DatabaseModule, PrismaService, type DatabaseOptions } from './prisma.service.js';
