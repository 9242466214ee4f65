import { ArchiveError } from '@envarium/errors';
import { BadRequestException, ForbiddenException, HttpException, NotFoundException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { toArchiveError } from './to-archive-error.js';

const coded = (code: string): Error => Object.assign(new Error('refused'), { code });
const fastifyError = (statusCode: number): Error => Object.assign(new Error('of Fastify'), { statusCode });

describe('server/http/to-archive-error', () => {
  it('leaves errors of the table as they are', () => {
    const error = new ArchiveError('RECORD_UNKNOWN', { reference: 'lab/eeg' });

    expect(toArchiveError(error)).toBe(error);
  });

  it.each([
    [
      'a body that the schema refuses',
      new BadRequestException(['title: too long', 'files: too many']),
      'REQUEST_INVALID',
    ],
    ['a route that is not there', new NotFoundException('Cannot GET /x'), 'NOT_FOUND'],
    ['a guard that says no', new ForbiddenException(), 'DENIED'],
    ['a body that is too large', fastifyError(413), 'BODY_TOO_LARGE'],
    ['a type that is not taken', fastifyError(415), 'UNSUPPORTED_MEDIA_TYPE'],
    ['an address that is too long', fastifyError(414), 'REQUEST_INVALID'],
    ['a database that is away', coded('ECONNREFUSED'), 'DATABASE_UNAVAILABLE'],
    ['a database that shuts down', coded('57P01'), 'DATABASE_UNAVAILABLE'],
    ['a NUL in an address', coded('22021'), 'REQUEST_INVALID'],
    ['a status that nobody foresaw', new HttpException('teapot', 418), 'INTERNAL'],
    ['a failure of our own', new TypeError('x is undefined'), 'INTERNAL'],
    ['what is no error', 'text', 'INTERNAL'],
  ])('makes %s an error of the table', (_, thrown, code) => {
    const error = toArchiveError(thrown);

    expect(error).toMatchObject({ code, cause: thrown });
  });

  it('shows what the schema refused', () => {
    expect(toArchiveError(new BadRequestException(['a: wrong', 'b: wrong'])).detail).toEqual({
      problems: ['a: wrong', 'b: wrong'],
    });
  });

  it('shows twenty problems and no more', () => {
    const many = Array.from({ length: 50 }, (_, i) => `files.${i}: wrong`);

    expect(toArchiveError(new BadRequestException(many)).detail['problems']).toHaveLength(20);
  });

  it('shows nothing of a failure that nobody foresaw', () => {
    expect(toArchiveError(new Error('password=hunter2'))).toMatchObject({ detail: {}, message: 'internal error' });
  });
});
