import {
  ArchivedClosure,
  ArchivedRecipe,
  ArchiveRecord,
  Article,
  ContentUse,
  EnvironmentDiff,
  EnvironmentCoverage,
  EnvironmentExport,
  EnvironmentFacts,
  HardwareFingerprint,
  Hold,
  ImageDescription,
  ImagePlatform,
  Job,
  JobProblem,
  MachineUse,
  Output,
  OutputLink,
  PackageFile,
  PackageHit,
  PackageUse,
  PackageUseSummary,
  Receipt,
  RecordVersion,
  Resolution,
  ResolveAnswer,
  UpstreamPointer,
  WhoAmI,
} from '@envarium/schema';
import { connectionType } from './connection.js';
import { objectType } from './zod-types.js';

/** Every shape that GraphQL shows. Made when this file is loaded: types that come later are not in the schema. */
export const ArticleType = objectType(Article);
export const ClosureType = objectType(ArchivedClosure);
export const ContentUseType = objectType(ContentUse);
export const EnvironmentDiffType = objectType(EnvironmentDiff);
export const CoverageType = objectType(EnvironmentCoverage);
export const ExportType = objectType(EnvironmentExport);
export const EnvironmentFactsType = objectType(EnvironmentFacts);
export const HardwareFingerprintType = objectType(HardwareFingerprint);
export const HoldType = objectType(Hold);
export const ImageType = objectType(ImageDescription);
export const ImagePlatformType = objectType(ImagePlatform);
/** The details of a problem are an open object, which has no type: REST shows them. */
export const JobType = objectType(Job.extend({ problem: JobProblem.omit({ detail: true }).nullable() }), 'Job');
export const MachineUseType = objectType(MachineUse);
export const OutputType = objectType(Output);
export const OutputLinkType = objectType(OutputLink);
export const PackageFileType = objectType(PackageFile);
export const PackageType = objectType(PackageHit);
export const PackageUseType = objectType(PackageUse);
export const PackageUseSummaryType = objectType(PackageUseSummary);
export const PointerType = objectType(UpstreamPointer);
export const ReceiptType = objectType(Receipt);
export const RecipeType = objectType(ArchivedRecipe);
export const RecordType = objectType(ArchiveRecord);
export const ResolutionType = objectType(Resolution);
export const ResolveAnswerType = objectType(ResolveAnswer);
export const VersionType = objectType(RecordVersion);
export const WhoAmIType = objectType(WhoAmI);

export const ArticleConnection = connectionType(ArticleType);
export const ClosureConnection = connectionType(ClosureType);
export const ContentUseConnection = connectionType(ContentUseType);
export const JobConnection = connectionType(JobType);
export const MachineUseConnection = connectionType(MachineUseType);
export const OutputConnection = connectionType(OutputType);
export const OutputLinkConnection = connectionType(OutputLinkType);
export const PackageConnection = connectionType(PackageType);
export const PackageUseConnection = connectionType(PackageUseType);
export const PointerConnection = connectionType(PointerType);
export const ReceiptConnection = connectionType(ReceiptType);
export const RecordConnection = connectionType(RecordType);
export const VersionConnection = connectionType(VersionType);
