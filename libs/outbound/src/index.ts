export { AllowList } from './allow-list.js';
export { type ResolveName } from './guard.js';
export { Outbound, type OutboundOptions, type OutboundRequest, type OutboundResponse, type Pace } from './outbound.js';
export { type Timeouts } from './guarded-agent.js';
