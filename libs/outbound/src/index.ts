export { type ResolveName } from './guard.js';
export { Outbound, type OutboundOptions, type OutboundRequest, type OutboundResponse, type Pace } from './outbound.js';
