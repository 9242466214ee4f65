export { canonicalJson } from './canonical-json.js';
export {
  EnvironmentSpec,
  NumericLibrary,
  ScopeKind,
  SeenContainer,
  SkipReason,
  SpecBaseImage,
  SpecCapture,
  SpecKernel,
  SpecNumerics,
  SpecPackage,
  SpecProblem,
  SpecRuntime,
  SpecSecret,
  SpecSystem,
  Standing,
} from './environment-spec.js';
export { BitsVerdict, FitAnswer, FitQuestion, FitReport, GpuVerdict, ReportReading, StartVerdict } from './fit.js';
export { EnvironmentExport, ExportFormat, ExportQuery, LockFault, LockOffender } from './export.js';
export {
  Cpu,
  CpuCache,
  Gpu,
  HardwareFingerprint,
  HardwareSource,
  HowLearned,
  IntFact,
  StringFact,
  StringListFact,
} from './hardware.js';
export { CreateDeposit, DepositFile, PublishVersion } from './deposit.js';
export { AssertedRole, HashedFile, LinkDocument, OutputScope, RecordDocument } from './documents.js';
export { DiffQuestion, DiffSide, EnvironmentDiff, FactDiff, PackageChange, PackageDiff } from './environment-diff.js';
export { CoverageSource, CoverageState, EnvironmentCoverage, UnreadPlace } from './environment-coverage.js';
export { EnvironmentFacts, ScopeFacts } from './environment-facts.js';
export {
  EnvironmentManifest,
  environmentManifestSchema,
  EnvironmentScope,
  Evidence,
  ManifestNumerics,
  ManifestPackage,
  ManifestVariable,
  OperatingSystem,
  ScopeContainer,
} from './environment-manifest.js';
export {
  ArchiveRecord,
  EnvironmentSummary,
  HardwareSummary,
  Hold,
  PackageFile,
  PackageHit,
  PullCommands,
  RecordVersion,
  VersionState,
  Visibility,
} from './record.js';
export {
  CreateAccount,
  CreatedToken,
  CreateNamespace,
  CreateToken,
  ListedToken,
  NamespaceRole,
  SetMember,
  WhoAmI,
} from './access.js';
export { Article, CreateLink, LinkStatus, Output, OutputLink, Run, WhatRanQuery } from './article.js';
export { ImageContent, ImageDescription, ImageKind, ImagePlatform } from './image.js';
export { CreateIngest, Ingest, IngestProblem, IngestProgress, IngestState } from './ingest.js';
export { isStorableText } from './text.js';
export { PageQuery, pageSchema } from './paging.js';
export { PointerKind, PointerState, UpstreamPointer } from './pointer.js';
export { FixityStatus, PreservationEvent, PreservationEventQuery, PreservationEventType } from './preservation.js';
export { ArchivedClosure, BuilderDescription, ClosureDocument, ClosurePackage, Exchange } from './closure.js';
export {
  ContentUse,
  MachineQuestion,
  MachineUse,
  PackageAnswer,
  PackageQuestion,
  PackageUse,
  PackageUseSummary,
  SharedPart,
  UseCount,
  UsedOutput,
  UsedPackage,
} from './question.js';
export { ResolveAnswer, ResolvedClaim, ResolvedEnvironment, ResolveQuestion } from './resolve.js';
export {
  FixityEvidence,
  Grade,
  OtherHolder,
  Resolution,
  ResolveQuery,
  Route,
  RouteCommand,
  RouteKind,
  RouteReceipt,
  UpstreamState,
  GRADE_MEANING,
} from './resolution.js';
export { ImageDemands, ImageLibc } from './image-demands.js';
export {
  DifferenceClass,
  FileListDocument,
  ImageComparison,
  OutputComparison,
  OutputTolerance,
  PackageDifference,
} from './comparison.js';
export {
  CreateJob,
  Job,
  JobKind,
  JobLogLine,
  JobOutcome,
  JobProblem,
  JobProgress,
  JobResult,
  JobState,
  JobStep,
  RecipeToolchain,
} from './job.js';
export {
  IsolationEvidence,
  PublicKey,
  REBUILD_PREDICATE_TYPE,
  RebuildPredicate,
  Receipt,
  ReceiptDetail,
  ReceiptDocument,
  ReceiptKind,
  ReplayCount,
  RERUN_PREDICATE_TYPE,
  RerunPredicate,
} from './receipt.js';
export { ArchivedRecipe, RecipeBase, RecipeDocument, RecipeGenerator, RecipeOrigin, RecipeWarning } from './recipe.js';
