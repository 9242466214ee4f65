export { describeFailure } from './describe-failure.js';
export { runUntilStopped } from './run-until-stopped.js';
