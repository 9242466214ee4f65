import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { ReportError } from './format.js';

/** The tree in memory is many times the text; the largest machines known write a megabyte. */
const MAX_XML_LENGTH = 4 * 2 ** 20;

export interface XmlShape {
  readonly root: string;
  /** Paths (`a.b`) or names of elements that may repeat. */
  readonly isRepeated: (name: string, path: string) => boolean;
  readonly hasAttributes: boolean;
}

/**
 * Reads an XML report of the given root element. Values stay text (`418.30` is a version, not a number), and nothing in
 * the file is expanded or fetched: programs name their DTD and declare nothing, so entities come from someone else.
 * @returns null when the content has another root
 * @throws ReportError when it has this root, and is broken or declares something
 */
export function readXmlDocument(content: string, { root, isRepeated, hasAttributes }: XmlShape): unknown {
  const prolog = prologOf(root).exec(content);
  if (prolog === null) return null;
  if (content.length > MAX_XML_LENGTH) throw new ReportError('XML larger than 4 MiB');
  const declaration = /<!(?!--)/.exec(content.slice(prolog[0].length));
  if (prolog.groups?.['subset'] !== undefined || declaration !== null) {
    throw new ReportError('XML declarations are refused');
  }
  const validity = XMLValidator.validate(content);
  if (validity !== true) throw new ReportError(`XML is broken or cut off: ${validity.err.msg}`, validity.err.line);
  const parser = new XMLParser({
    parseTagValue: false,
    parseAttributeValue: false,
    ignoreAttributes: !hasAttributes,
    attributeNamePrefix: '@',
    processEntities: false,
    isArray: (name, path) => isRepeated(name, String(path)),
  });
  try {
    return parser.parse(content);
  } catch (error) {
    // The validator lets some pass that the parser does not: a DOCTYPE or an instruction without its end.
    throw new ReportError(`XML is broken or cut off: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** From the start to the root element or to the internal subset of its DOCTYPE. Anchored, so that it takes linear time. */
function prologOf(root: string): RegExp {
  return new RegExp(
    `^\\s*(?:<\\?xml[^>]*\\?>\\s*)?(?:<!DOCTYPE\\s+${root}\\b[^>[]*(?:>\\s*|(?<subset>\\[)))?(?:(?<=\\[)|<${root}\\b)`,
  );
}
