import { ArchiveError } from '@envarium/errors';
import { environmentManifestSchema } from '@envarium/schema';
import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '../http/permission.js';

type JsonSchema = Readonly<Record<string, unknown>>;

/** Made once: a name that is here keeps its meaning. */
const SCHEMAS: ReadonlyMap<string, JsonSchema> = new Map([
  ['environment-manifest-v1.json', environmentManifestSchema()],
]);

/** Shapes of archived documents, for whoever wants to read or check them without us. */
@ApiTags('service')
@Controller('api/v1/schemas')
@Requires('public')
export class SchemasController {
  @Get(':name')
  @Header('Content-Type', 'application/schema+json')
  @ApiOperation({ summary: 'JSON Schema of an archived document: environment-manifest-v1.json' })
  @ApiOkResponse({ description: 'JSON Schema 2020-12', content: { 'application/schema+json': {} } })
  one(@Param('name') name: string): JsonSchema {
    const schema = SCHEMAS.get(name);
    if (schema === undefined) throw new ArchiveError('NOT_FOUND', { schema: name, known: [...SCHEMAS.keys()] });
    return schema;
  }
}
