/**
 * DOI names: syntax, equality and presentation (DOI Handbook, https://doi.org/10.1000/182, "DOI Name" and "Encoding").
 * Read loosely: whether a DOI exists is a question for https://doi.org, not for a pattern.
 */
export interface Doi {
  /** The name for comparing and storing. DOI names ignore the case of ASCII letters, and of those only. */
  readonly doi: string;
  /** The same name with the case it was given in, without resolver, scheme or encoding. */
  readonly asGiven: string;
  /** Part of `doi` before the first slash: `10.5281`, `10.1000.10`. */
  readonly prefix: string;
  /** Part of `doi` after the first slash; may hold further slashes. */
  readonly suffix: string;
}

const MAX_INPUT_LENGTH = 8192;
const MAX_SUFFIX_LENGTH = 2048;

/** Left behind by copying from pages and PDF: zero-width blanks and joiners, word joiner, BOM, soft hyphen, LRM, RLM. */
const INVISIBLE = /[\u200B-\u200F\u2060\uFEFF\u00AD]/g;
/** Hyphens and dashes that typesetting puts where the DOI has a hyphen-minus. */
const TYPESET_HYPHEN = /[\u2010-\u2013\u2212]/g;
const RESOLVER = /^(?:https?:\/\/)?(?:www\.|dx\.)?doi\.org\//i;
const LABEL = /^(?:urn:doi:|info:doi\/|doi:\s*|doi\s+)/i;
const ENCODED_SLASH_AFTER_PREFIX = /^10\.[0-9.]+%2f/i;
const PREFIX = /^10\.[0-9]{4,9}(?:\.[0-9]+)*$/;
/** Blanks, controls, bidirectional overrides and half surrogate pairs: nothing a printed DOI can hold. */
const NOT_PRINTABLE = /[\s\p{Z}\p{Cc}\p{Cf}\p{Cs}]/u;

/**
 * Reads a DOI however people write it: bare, `doi:`, `info:doi/`, `urn:doi:`, a doi.org address, percent-encoded.
 * @returns null when the input is not one DOI. Text around a DOI is not trimmed away.
 */
export function parseDoi(input: string): Doi | null {
  if (input.length > MAX_INPUT_LENGTH) return null;
  const text = clean(input);
  const isAddress = RESOLVER.test(text);
  const name = text.replace(RESOLVER, '').replace(LABEL, '');
  // Only an address has a query and a fragment; in a bare DOI `?` and `#` belong to the suffix.
  const encoded = isAddress ? name.replace(/[?#].*$/s, '') : name;
  const asGiven = isAddress || ENCODED_SLASH_AFTER_PREFIX.test(encoded) ? percentDecode(encoded) : encoded;
  if (asGiven === null) return null;

  const slash = asGiven.indexOf('/');
  if (slash < 0) return null;
  const prefix = asGiven.slice(0, slash);
  const suffix = asGiven.slice(slash + 1);
  if (!PREFIX.test(prefix)) return null;
  if (suffix.length === 0 || suffix.length > MAX_SUFFIX_LENGTH || NOT_PRINTABLE.test(suffix)) return null;
  return { doi: `${prefix}/${lowerAscii(suffix)}`, asGiven, prefix, suffix: lowerAscii(suffix) };
}

/**
 * The address to show and to link, `https://doi.org/...`, with the characters encoded that the DOI Handbook names.
 * @param doi a name in the form of `Doi.doi` or `Doi.asGiven`
 */
export function doiUrl(doi: string): string {
  const path = doi
    .replace(/[%"#?<>{}^[\]`|\\+\s]|[^\x21-\x7E]/gu, encodeURIComponent)
    // Clients resolve dot segments away (RFC 3986 section 5.2.4), so one of the two slashes is hidden from them.
    .replace(/\/(\.{1,2})\//g, '/$1%2F')
    .replace(/\/(\.{1,2})$/, '%2F$1');
  return `https://doi.org/${path}`;
}

/** The DOI as one path segment or one query value of an address. */
export function doiSegment(doi: string): string {
  return encodeURIComponent(doi);
}

function clean(text: string): string {
  return text.normalize('NFC').replace(INVISIBLE, '').replace(TYPESET_HYPHEN, '-').trim();
}

function percentDecode(text: string): string | null {
  try {
    return clean(decodeURIComponent(text));
  } catch {
    return null;
  }
}

function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
