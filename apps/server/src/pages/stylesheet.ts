import { createHash } from 'node:crypto';

export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --ink: #1b2428; --soft: #546269; --line: #d5dcdf; --ground: #fbfcfc; --raised: #ffffff; --code: #eef2f3;
  --accent: #0b5d66; --good: #1c6b3c; --warn: #8a4b00; --bad: #a3262a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e4eaec; --soft: #a3b1b7; --line: #35424a; --ground: #12181b; --raised: #1a2226; --code: #232d32;
    --accent: #6fc7d1; --good: #7fd3a0; --warn: #f0b969; --bad: #ff9a97;
  }
}
* { box-sizing: border-box; }
html { font: 100%/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
body { margin: 0; background: var(--ground); color: var(--ink); }
header, main, footer { width: min(68rem, 100% - 2.5rem); margin: 0 auto; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 2rem; padding-top: 1rem; padding-bottom: 1rem; border-bottom: 1px solid var(--line); }
header nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
.brand { font-weight: 700; font-size: 1.2rem; letter-spacing: .01em; text-decoration: none; }
main { padding-top: 1.5rem; padding-bottom: 2rem; }
footer { border-top: 1px solid var(--line); color: var(--soft); font-size: .9rem; padding-top: .5rem; padding-bottom: 1.5rem; }
a { color: var(--accent); text-underline-offset: .15em; }
a:focus-visible, button:focus-visible, input:focus-visible, summary:focus-visible, .scroll:focus-visible, pre:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--raised); padding: .5rem 1rem; z-index: 1; }
h1 { font-size: 1.9rem; line-height: 1.25; margin: .25rem 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 2.25rem 0 .6rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.25rem 0 .35rem; overflow-wrap: anywhere; }
p, li, dd { overflow-wrap: anywhere; }
p, ul { max-width: 46rem; }
.lead { font-size: 1.15rem; }
.soft { color: var(--soft); }
.kicker { color: var(--soft); margin: 0; }
code, pre { font: .9em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { background: var(--code); border-radius: .25rem; padding: .08em .3em; overflow-wrap: anywhere; }
.digest { font-size: .82em; }
pre { background: var(--code); border-radius: .4rem; padding: .7rem .9rem; margin: .4rem 0 .9rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
pre code { background: none; padding: 0; }
.scroll { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .95rem; }
caption { text-align: left; color: var(--soft); padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .9rem .4rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
time { white-space: nowrap; }
td code { overflow-wrap: normal; }
td .digest { overflow-wrap: anywhere; display: inline-block; min-width: 20rem; }
.commands code { display: block; padding: .45rem .7rem; font-size: .8em; }
.commands pre { margin: 0; } .commands pre code { padding: 0; }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .3rem 1.25rem; margin: .6rem 0; }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; }
.tag { display: inline-block; border: 1px solid currentColor; border-radius: 1rem; padding: 0 .6rem; font-size: .85rem; white-space: nowrap; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
.notice { border: 1px solid var(--line); border-left: .35rem solid var(--warn); background: var(--raised); border-radius: .3rem; padding: .6rem 1rem; margin: 1rem 0; max-width: 46rem; }
.notice.bad { border-left-color: var(--bad); color: inherit; }
.notice p { margin: .2rem 0; }
.card { border: 1px solid var(--line); background: var(--raised); border-radius: .5rem; padding: .9rem 1.1rem; margin: .9rem 0; }
.card h2 { border: 0; padding: 0; }
.card > :first-child { margin-top: 0; } .card > :last-child { margin-bottom: 0; }
.facts { display: flex; flex-wrap: wrap; gap: .2rem 1rem; align-items: center; margin: .4rem 0; }
form { margin: 0; }
fieldset { border: 0; padding: 0; margin: 0; min-width: 0; }
legend { font-size: 1.3rem; font-weight: 700; padding: 0; margin-bottom: .4rem; }
.fields { display: grid; grid-template-columns: 2fr 1fr; gap: .8rem 1rem; }
.or { grid-column: 1 / -1; margin: 0; color: var(--soft); }
label { display: block; font-weight: 600; }
.hint { display: block; color: var(--soft); font-size: .88rem; font-weight: 400; }
input { width: 100%; font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--soft); border-radius: .35rem; padding: .5rem .65rem; margin-top: .2rem; }
button { font: inherit; font-weight: 600; color: var(--raised); background: var(--accent); border: 0; border-radius: .35rem; padding: .55rem 1.3rem; margin-top: 1rem; cursor: pointer; }
.records { list-style: none; padding: 0; max-width: none; }
.records li { padding: .6rem 0; border-bottom: 1px solid var(--line); }
.records a { font-weight: 600; }
summary { cursor: pointer; color: var(--accent); }
@media (max-width: 40rem) {
  .fields { grid-template-columns: 1fr; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .5rem; }
  h1 { font-size: 1.5rem; }
}
@media print {
  :root { --ink: #000; --soft: #333; --line: #999; --ground: #fff; --raised: #fff; --code: #f4f4f4; --accent: #000; --good: #000; --warn: #000; --bad: #000; }
  header nav, .skip, form, footer { display: none; }
  body { font-size: 10pt; }
  header, main { width: auto; }
  main a[href^="http"]::after { content: " <" attr(href) ">"; font-size: .85em; overflow-wrap: anywhere; }
  h2, h3 { break-after: avoid; } tr, .card, pre { break-inside: avoid; }
}
`;

/** With the digest of the content in its address, it can be kept for ever. */
export const STYLESHEET_VERSION = createHash('sha256').update(STYLESHEET).digest('hex').slice(0, 16);
export const STYLESHEET_PATH = `/assets/style.css?v=${STYLESHEET_VERSION}`;
