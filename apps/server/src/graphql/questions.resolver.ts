import type { Principal } from '@envarium/access';
import { parseDigest } from '@envarium/oci';
import { ContentUsesService, DiffService, MachineUsesService, PackageUsesService } from '@envarium/questions';
import {
  ContentUse,
  DiffQuestion,
  EnvironmentDiff,
  MachineQuestion,
  MachineUse,
  PackageQuestion,
  PackageUse,
  PackageUseSummary,
} from '@envarium/schema';
import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import { z } from 'zod';
import { Requires } from '../http/permission.js';
import { ZodArguments } from './arguments.js';
import { type Connection, ConnectionArguments, toConnection } from './connection.js';
import {
  ContentUseConnection,
  EnvironmentDiffType,
  MachineUseConnection,
  PackageUseConnection,
  PackageUseSummaryType,
} from './types.js';
import { argumentsType } from './zod-types.js';

const PackageName = z.object({
  ecosystem: z.string().min(1).max(64).describe('as in package URLs: pypi, conda, cran, npm, deb, ...'),
  name: z.string().min(1).max(500).describe('in any spelling that the ecosystem takes for the same'),
});
const PackageUses = PackageQuestion.extend({ ...PackageName.shape, ...ConnectionArguments.shape });
type PackageUses = z.infer<typeof PackageUses>;
const PackageSummary = PackageName.extend({ range: PackageQuestion.shape.range });
type PackageSummary = z.infer<typeof PackageSummary>;
const MachineUses = ConnectionArguments.and(MachineQuestion);
type MachineUses = z.infer<typeof MachineUses>;
const ContentUses = ConnectionArguments.extend({ digest: z.string().max(200).describe('sha256:<64 hex digits>') });
type ContentUses = z.infer<typeof ContentUses>;

const PackageUsesType = argumentsType('PackageUsesArguments', PackageUses);
const PackageSummaryType = argumentsType('PackageSummaryArguments', PackageSummary);
const MachineUsesType = argumentsType(
  'MachineUsesArguments',
  z.object({ ...MachineQuestion.shape, ...ConnectionArguments.shape }),
);
const ContentUsesType = argumentsType('ContentUsesArguments', ContentUses);
const DiffQuestionType = argumentsType('DiffArguments', DiffQuestion);

/** Each decides every version of a package, or counts: not for lists of aliases. */
const QUESTION_COST = 200;
const DIFF_COST = 500;

@Resolver()
@Requires('public')
export class QuestionsResolver {
  constructor(
    private readonly packages: PackageUsesService,
    private readonly machines: MachineUsesService,
    private readonly contents: ContentUsesService,
    private readonly diffs: DiffService,
  ) {}

  @Query(() => PackageUseConnection, {
    complexity: QUESTION_COST,
    description: 'Which versions of records used a package in a range of versions, newest environment first',
  })
  async packageUses(
    @Context('caller') caller: Principal,
    @Args({ type: () => PackageUsesType }, new ZodArguments(PackageUses)) question: PackageUses,
  ): Promise<Connection<PackageUse>> {
    return toConnection(await this.packages.uses(caller, question, question, question.first, question.after ?? null));
  }

  @Query(() => PackageUseSummaryType, {
    complexity: QUESTION_COST,
    description: 'How many versions of records used it; the undecidable and the unknown are counted apart',
  })
  async packageUseSummary(
    @Context('caller') caller: Principal,
    @Args({ type: () => PackageSummaryType }, new ZodArguments(PackageSummary)) question: PackageSummary,
  ): Promise<PackageUseSummary> {
    return await this.packages.summary(caller, question, question.range);
  }

  @Query(() => MachineUseConnection, {
    complexity: QUESTION_COST,
    description: 'Which versions ran on a machine of this kind, newest first',
  })
  async machineUses(
    @Context('caller') caller: Principal,
    @Args({ type: () => MachineUsesType }, new ZodArguments(MachineUses)) question: MachineUses,
  ): Promise<Connection<MachineUse>> {
    return toConnection(await this.machines.uses(caller, question, question.first, question.after ?? null));
  }

  @Query(() => ContentUseConnection, {
    complexity: QUESTION_COST,
    description: 'Which versions share an image, a base image, a layer or a lock file, newest first',
  })
  async contentUses(
    @Context('caller') caller: Principal,
    @Args({ type: () => ContentUsesType }, new ZodArguments(ContentUses)) { digest, first, after }: ContentUses,
  ): Promise<Connection<ContentUse>> {
    return toConnection(await this.contents.uses(caller, parseDigest(digest), first, after ?? null));
  }

  @Query(() => EnvironmentDiffType, {
    complexity: DIFF_COST,
    description: 'What lies between two versions, with sentences for people',
  })
  async diff(
    @Context('caller') caller: Principal,
    @Args({ type: () => DiffQuestionType }, new ZodArguments(DiffQuestion)) { from, to }: DiffQuestion,
  ): Promise<EnvironmentDiff> {
    return await this.diffs.diff(caller, from, to);
  }
}
