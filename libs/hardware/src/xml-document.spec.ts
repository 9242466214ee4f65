import { describe, expect, it } from 'vitest';
import { ReportError } from './format.js';
import { readXmlDocument } from './xml-document.js';

const SHAPE = { root: 'topology', isRepeated: () => false, hasAttributes: true };

describe('hardware/xml-document', () => {
  it('keeps every value as text, and takes no other root', () => {
    expect(readXmlDocument('<topology version="2.0"><cores>08</cores></topology>', SHAPE)).toEqual({
      topology: { '@version': '2.0', cores: '08' },
    });
    expect(readXmlDocument('<other/>', SHAPE)).toBeNull();
  });

  it.each([
    ['an instruction without its end', '<topology></topology><?pi'],
    ['an element without its end', '<topology><cores>'],
    ['an entity of its own', '<!DOCTYPE topology [<!ENTITY a "b">]><topology>&a;</topology>'],
    ['a second DOCTYPE', '<topology></topology><!DOCTYPE topology'],
  ])('refuses %s', (_, content) => {
    expect(() => readXmlDocument(content, SHAPE)).toThrow(ReportError);
  });
});
