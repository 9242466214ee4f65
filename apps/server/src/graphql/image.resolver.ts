import { ImagePlatforms } from '@envarium/resolution';
import { ImageDescription, ImagePlatform } from '@envarium/schema';
import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Requires } from '../http/permission.js';
import { ImagePlatformType, ImageType } from './types.js';

@Resolver(() => ImageType)
@Requires('public')
export class ImageResolver {
  constructor(private readonly images: ImagePlatforms) {}

  @ResolveField(() => [ImagePlatformType], { description: 'for which machines it is made; empty: it does not say' })
  async platforms(@Parent() image: ImageDescription): Promise<ImagePlatform[]> {
    const platforms = await this.images.of(image.digest);
    return platforms.map(({ architecture, os, variant }) => ({ architecture, os, variant: variant ?? null }));
  }
}
