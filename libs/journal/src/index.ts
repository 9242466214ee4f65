export { EventKind, JournalEntry, type ArchiveEvent, type NewEvent } from './event.js';
export { JournalModule } from './journal.module.js';
export { JournalService, type RecordEvent, type Transaction } from './journal.service.js';
