import { REGISTRY_ADDRESS, type RegistryAddress, registryHost } from '@envarium/resolution';
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Requires } from '../http/permission.js';
import { VERSION } from '../version.js';

const ServiceInfo = z
  .object({
    name: z.literal('envarium'),
    version: z.string(),
    registry: z.string().describe('host to use in image references'),
    publicUrl: z.string(),
  })
  .meta({ id: 'ServiceInfo' });

@ApiTags('service')
@Controller('api/v1')
@Requires('public')
export class InfoController {
  constructor(@Inject(REGISTRY_ADDRESS) private readonly address: RegistryAddress) {}

  @Get()
  @ApiOperation({ summary: 'What this service is, and where its registry is' })
  @ApiOkResponse({ standardSchema: ServiceInfo })
  info(): z.infer<typeof ServiceInfo> {
    return {
      name: 'envarium',
      version: VERSION,
      registry: registryHost(this.address),
      publicUrl: this.address.publicUrl(),
    };
  }
}
