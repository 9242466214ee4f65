import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { VERSION } from './version.js';

/** The OpenAPI document of the REST interface, made from the same zod shapes that check requests. */
export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const options = new DocumentBuilder()
    .setTitle('Envarium')
    .setDescription(
      'Archival registry for computational environments. Errors are application/problem+json with a stable `code`; ' +
        'lists page by an opaque `cursor`. Images travel over the OCI Distribution API at /v2.',
    )
    .setVersion(VERSION)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth()
    .build();
  return SwaggerModule.createDocument(app, options);
}

/** /api/v1/openapi.json, and a page to browse it. */
export function setUpOpenApi(app: NestFastifyApplication): void {
  SwaggerModule.setup('api/v1/docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'api/v1/openapi.json',
    customSiteTitle: 'Envarium API',
    raw: ['json'],
  });
}
