/** Who asks. Nobody is a principal too: deny by default holds for the anonymous as for everybody. */
export type Principal =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'account'; readonly accountId: bigint; readonly name: string; readonly isAdmin: boolean };

export const ANONYMOUS: Principal = { kind: 'anonymous' };

/** The name under which a principal stands in events and archived documents. */
export function actorName(principal: Principal): string {
  return principal.kind === 'account' ? principal.name : 'anonymous';
}
