import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { FormatError } from '../format.js';
import { limits } from '../limits.js';

const NAMESPACE = /\bxmlns(?::\w+)?\s*=\s*["']http:\/\/cyclonedx\.org\/schema\/bom\/(\d+\.\d+)["']/;
const LISTS: readonly string[] = ['component', 'hash'];

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  // Also decodes &#233;
  htmlEntities: true,
  isArray: (tag) => LISTS.includes(tag),
});

const Text = z.string().optional().catch(undefined);
const XmlHash = z.object({ '@alg': z.string(), '#text': z.string() });
const XmlComponents = z.object({ component: z.array(z.unknown()) });
const XmlComponent = z.object({
  '@type': Text,
  name: Text,
  version: Text,
  versionRange: Text,
  scope: Text,
  purl: Text,
  hashes: z
    .object({ hash: z.array(z.unknown()) })
    .optional()
    .catch(undefined),
  components: XmlComponents.optional().catch(undefined),
});
const XmlBom = z.object({
  bom: z.object({
    metadata: z
      .object({ component: z.array(z.object({ '@type': Text })) })
      .optional()
      .catch(undefined),
    components: XmlComponents.optional().catch(undefined),
  }),
});

/**
 * A BOM in XML in the shape of the JSON format, https://cyclonedx.org/docs/1.6/xml/
 * @returns null when the text is no CycloneDX XML
 */
export function parseBomXml(text: string): unknown {
  if (!/^\s*</.test(text)) return null;
  const specVersion = NAMESPACE.exec(text.slice(0, limits.lineCharacters))?.[1];
  if (specVersion === undefined) return null;
  // Entities could expand without end or name files of the machine; the format needs none.
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) {
    throw new FormatError('unsupported-option', 'A document type in an SBOM is not read, for safety.');
  }
  const document = XmlBom.safeParse(parse(text));
  if (!document.success) throw new FormatError('syntax-invalid', 'The XML holds no <bom>.');
  const { metadata, components } = document.data.bom;
  return {
    bomFormat: 'CycloneDX',
    specVersion,
    metadata: { component: { type: metadata?.component[0]?.['@type'] } },
    components: toComponents(components, 0),
  };
}

function parse(text: string): unknown {
  try {
    return parser.parse(text, true);
  } catch (cause) {
    const fault = z.object({ message: z.string() }).safeParse(cause).data?.message ?? '';
    if (cause instanceof RangeError || /nested tags/i.test(fault)) {
      throw new FormatError('limit-exceeded', `The file nests deeper than ${limits.nesting} levels.`, null, { cause });
    }
    const line = /:(?<line>\d+):\d+$/.exec(fault)?.groups?.['line'];
    const message = 'The XML text breaks off or is wrong.';
    throw new FormatError('syntax-invalid', message, line === undefined ? null : Number(line), { cause });
  }
}

function toComponents(components: z.infer<typeof XmlComponents> | undefined, level: number): unknown[] {
  if (level > limits.nesting) {
    throw new FormatError('limit-exceeded', `The file nests deeper than ${limits.nesting} levels.`);
  }
  return (components?.component ?? []).map((value) => {
    const component = XmlComponent.safeParse(value);
    if (!component.success) return value;
    const { '@type': type, hashes, components: nested, ...same } = component.data;
    return { ...same, type, hashes: hashes?.hash.map(toHash), components: toComponents(nested, level + 1) };
  });
}

function toHash(value: unknown): unknown {
  const hash = XmlHash.safeParse(value);
  return hash.success ? { alg: hash.data['@alg'], content: hash.data['#text'] } : value;
}
