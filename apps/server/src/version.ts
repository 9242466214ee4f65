/** Version of this build; test/architecture.spec.ts holds it equal to package.json. */
export const VERSION = '0.1.0';
