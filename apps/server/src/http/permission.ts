import { Reflector } from '@nestjs/core';

/**
 * Who may call a route at all; what they then see or may do is decided in the features, by role.
 * `public`: anybody. `account`: any valid token. Every route states one; a route without is refused.
 */
export type Permission = 'public' | 'account';

export const Requires = Reflector.createDecorator<Permission>();
