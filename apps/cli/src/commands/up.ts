import { existsSync } from 'node:fs';
import path from 'node:path';
import type { CommandContext, CommandInput } from '../context.js';
import { usageError } from '../failure.js';
import { packageRoot } from '../package-root.js';
import { bannerLines, programName, tokenLines } from '../up/banner.js';
import { Launcher } from '../up/launcher.js';

/** What shells report of a program that Ctrl-C ended. */
const INTERRUPTED = 130;
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export async function up({ output }: CommandContext, { options }: CommandInput): Promise<void> {
  const isQuiet = typeof options === 'object' && options !== null && 'quiet' in options;
  const root = packageRoot();
  if (!existsSync(path.join(root, 'dist/apps/server/src/main.js'))) {
    throw usageError('the service is not built', 'Build it first: npm run build');
  }
  const program = programName(process.argv[1] ?? 'envarium');
  const say = (text: string) => {
    if (!isQuiet) output.remark(text);
  };
  const launcher = new Launcher(root, {
    onStep: say,
    onReady: ({ url, adminToken }, dataDir) => {
      const running = { url, adminToken, dataDir };
      output.result(running, isQuiet ? tokenLines(running, program) : bannerLines(running, program));
    },
  });
  const request = listenForStop(launcher, say);
  try {
    await launcher.run(request.stopped);
  } finally {
    request.close();
  }
}

interface StopRequest {
  /** Resolves at the first signal; the second one ends everything at once. */
  readonly stopped: Promise<void>;
  close(): void;
}

function listenForStop(launcher: Launcher, say: (text: string) => void): StopRequest {
  let isAsked = false;
  let ask: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const onSignal = () => {
    if (isAsked) void launcher.kill().finally(() => process.exit(INTERRUPTED));
    else say('stopping; once more to stop at once');
    isAsked = true;
    ask();
  };
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  // A program that started us and is gone cannot stop us any more.
  process.on('disconnect', ask);
  return {
    stopped,
    close() {
      for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
      // Its channel would keep us running.
      process.off('disconnect', ask);
    },
  };
}
