export { DecayModule, type DecayOptions } from './decay.module.js';
export { DecayWatchService, type WatchBudget } from './decay-watch.service.js';
export { PointersService, type PackagePointer, type PointerSummary } from './pointers.service.js';
