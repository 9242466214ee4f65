import type { Principal } from '@envarium/access';
import { ResolveService } from '@envarium/articles';
import { ResolveAnswer, ResolveQuestion } from '@envarium/schema';
import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import { Requires } from '../http/permission.js';
import { ZodArguments } from './arguments.js';
import { ResolveAnswerType } from './types.js';
import { argumentsType } from './zod-types.js';

const ResolveQuestionType = argumentsType('ResolveQuestion', ResolveQuestion);
/** Up to ten environments, each with every source asked. */
const RESOLVE_COST = 2000;

@Resolver(() => ResolveAnswerType)
@Requires('public')
export class ResolveResolver {
  constructor(private readonly environments: ResolveService) {}

  @Query(() => ResolveAnswerType, {
    complexity: RESOLVE_COST,
    description:
      'Every way to the environment behind an output (doi, output), a figure file, an image or a version, with grade and evidence',
  })
  async resolve(
    @Context('caller') caller: Principal,
    @Args({ type: () => ResolveQuestionType }, new ZodArguments(ResolveQuestion)) question: ResolveQuestion,
  ): Promise<ResolveAnswer> {
    return await this.environments.resolve(caller, question);
  }
}
