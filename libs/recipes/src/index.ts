export { pinBases } from './dockerfile/pin.js';
export { readDockerfile, type BaseUse, type DockerfileReading } from './dockerfile/reading.js';
export { findRecipe } from './detect/find-recipe.js';
export type { DepositedPlan, FindOptions, GeneratedPlan, PlanKind, RecipePlan, Step } from './plan.js';
export type { RecipeFile } from './recipe-file.js';
export { renderRecipe, type Download, type RenderedRecipe, type RenderOptions } from './render/render-recipe.js';
export { DEBIAN_TOOLCHAINS, type Toolchain, type ToolchainName } from './toolchains.js';
export type { WarningCode } from './warnings.js';
