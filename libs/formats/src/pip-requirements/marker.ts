const TOKEN =
  /\s*(?:(?<operand>"[^"]*"|'[^']*'|(?:python_(?:version|full_version|implementation)|os_name|sys_platform|platform_(?:release|system|version|machine|python_implementation)|implementation_(?:name|version)|extras?|dependency_groups|os\.name|sys\.platform|platform\.(?:version|machine|python_implementation))\b)|(?<operator>===|==|~=|!=|<=|>=|<|>|in\b|not\s+in\b)|(?<logic>and\b|or\b)|(?<bracket>[()]))\s*/y;

/** Whether a text is an environment marker of PEP 508. It is checked, never evaluated: we are not that environment. */
export function isMarker(text: string): boolean {
  let expected: 'operand' | 'operator' | 'second operand' | 'logic' = 'operand';
  let open = 0;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) return false;
    if (groups['bracket'] === '(' && expected === 'operand') open += 1;
    else if (groups['bracket'] === ')' && expected === 'logic' && open > 0) open -= 1;
    else if (groups['operand'] !== undefined && expected === 'operand') expected = 'operator';
    else if (groups['operand'] !== undefined && expected === 'second operand') expected = 'logic';
    else if (groups['operator'] !== undefined && expected === 'operator') expected = 'second operand';
    else if (groups['logic'] !== undefined && expected === 'logic') expected = 'operand';
    else return false;
  }
  return expected === 'logic' && open === 0;
}
