const MAX_LISTED = 12;

/** Values in a message, cut to what a person reads. */
export function listed(values: readonly string[]): string {
  if (values.length === 0) return 'nothing';
  const more = values.length - MAX_LISTED;
  return values.slice(0, MAX_LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
