import { parentPort } from 'node:worker_threads';
import { type DepositedFile, understandFiles } from './understand-files.js';

/** A thread of its own, in which files of a deposit are read: whoever asks may end it at any moment. */
const port = parentPort;
if (port === null) throw new Error('this is no worker thread');
port.on('message', (files: readonly DepositedFile[]) => port.postMessage(understandFiles(files)));
