import { describe, expect, it } from 'vitest';
import { Answers } from './answers.js';
import type { Question } from './exchange-key.js';
import { type Answer, ExchangeLog } from './exchange-log.js';

const URL_ = 'https://a.example.org/x';
const asked = (request: Question['request'] = {}): Question => ({
  method: 'GET',
  url: URL_,
  request,
  requestDigest: null,
});
const answered = (letter: string, status = 200): Answer => ({
  status,
  headers: {},
  digest: `sha256:${letter.repeat(64)}`,
  size: 1,
});

describe('closure/exchange-log', () => {
  it('keeps no header that the answer does not depend on', () => {
    const log = new ExchangeLog();

    log.add(asked({ accept: '*/*', 'user-agent': 'one' }), answered('a'), []);
    log.add(asked({ accept: 'text/html', 'user-agent': 'two' }), answered('a'), []);

    expect(log.exchanges().map(({ request }) => request)).toEqual([{}]);
  });

  it('keeps the answer to the later question, also where that ends first', () => {
    const log = new ExchangeLog();
    const [first, second] = [log.ask(), log.ask()];

    log.add(asked(), answered('b'), [], second);

    expect(log.add(asked(), answered('a'), [], first)).toBe('changed');
    expect(log.exchanges().map(({ digest }) => digest)).toEqual([answered('b').digest]);
  });

  it('prefers an earlier answer to a failure, whichever ends first', () => {
    const log = new ExchangeLog();
    const [first, second] = [log.ask(), log.ask()];

    log.add(asked(), answered('b', 503), [], second);
    log.add(asked(), answered('a'), [], first);

    expect(log.exchanges().map(({ digest }) => digest)).toEqual([answered('a').digest]);
  });

  it('keeps a header that the server names in Vary', () => {
    const log = new ExchangeLog();

    log.add(asked({ accept: 'a/b', 'user-agent': 'one' }), answered('a'), ['accept']);

    expect(log.exchanges().map(({ request }) => request)).toEqual([{ accept: 'a/b' }]);
  });

  it('keeps a header that tells two answers apart, though no Vary says so', () => {
    const log = new ExchangeLog();

    log.add(asked({ 'user-agent': 'R (4.3 linux)' }), answered('a'), []);
    log.add(asked({ 'user-agent': 'R (4.3 other)' }), answered('b'), []);

    expect(log.exchanges().map(({ request }) => request)).toEqual([
      { 'user-agent': 'R (4.3 linux)' },
      { 'user-agent': 'R (4.3 other)' },
    ]);
  });

  it('says when an answer changed, but not for a server that was ill, nor for a signed redirect', () => {
    const log = new ExchangeLog();

    const standings = [
      log.add(asked(), answered('a', 503), []),
      log.add(asked(), answered('b'), []),
      log.add(asked(), answered('b'), []),
      log.add(asked(), answered('c'), []),
      log.add(asked(), answered('a', 503), []),
      log.add(asked(), answered('d', 302), []),
    ];

    expect(standings).toEqual(['new', 'same', 'same', 'changed', 'same', 'same']);
  });
});

describe('closure/answers', () => {
  const log = new ExchangeLog();
  log.add(asked({ accept: 'text/html' }), answered('a'), ['accept']);
  log.add(asked({ accept: 'text/json' }), answered('b'), ['accept']);
  const answers = new Answers(log.exchanges());
  const digestFor = (question: Question): string | undefined => answers.find(question)?.digest?.slice(7, 8);

  it('compares the headers that matter, and the whole address', () => {
    expect(digestFor(asked({ accept: 'text/html', 'user-agent': 'any' }))).toBe('a');
    expect(digestFor(asked({ accept: 'text/json' }))).toBe('b');
    expect(digestFor(asked({ accept: 'text/xml' }))).toBeUndefined();
    expect(digestFor({ ...asked({ accept: 'text/html' }), url: `${URL_}?` })).toBeUndefined();
    expect(digestFor({ ...asked({ accept: 'text/html' }), method: 'HEAD' })).toBe('a');
  });

  it('takes the only answer that there is, whatever the headers are', () => {
    const one = new Answers(log.exchanges().slice(0, 1));

    expect(one.find(asked({ accept: 'text/xml' }))?.request).toEqual({ accept: 'text/html' });
  });
});
