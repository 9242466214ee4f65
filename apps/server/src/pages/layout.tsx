import type { ComponentChildren, VNode } from 'preact';
import { STYLESHEET_PATH } from './stylesheet.js';

export interface PageProps {
  readonly title: string;
  /** Where this page is meant to be found, when there are several ways to it. */
  readonly canonical?: string;
  readonly jsonLd?: object;
  readonly children: ComponentChildren;
}

/** A grid of layers; inline, because pages load nothing but the stylesheet. */
const ICON =
  'data:image/svg+xml,' +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0b5d66"/>' +
      '<path d="M3 5h10M3 8h10M3 11h6" stroke="#fff" stroke-width="1.6" stroke-linecap="round"/></svg>',
  );

export function Page({ title, canonical, jsonLd, children }: PageProps): VNode {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        {canonical !== undefined && <link rel="canonical" href={canonical} />}
        <link rel="icon" href={ICON} />
        <link rel="stylesheet" href={STYLESHEET_PATH} />
        {jsonLd !== undefined && (
          <script type="application/ld+json" dangerouslySetInnerHTML={{ __html: scriptJson(jsonLd) }} />
        )}
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to content
        </a>
        <header>
          <a class="brand" href="/">
            Envarium
          </a>
          <nav aria-label="Main">
            <a href="/what-ran">What ran this?</a>
            <a href="/diff">What changed?</a>
            <a href="/#records">Records</a>
            <a href="/api/v1/docs">API</a>
          </nav>
        </header>
        <main id="content">{children}</main>
        <footer>
          <p>
            Envarium keeps computational environments so that results can be run again. Everything on this page is also
            in the <a href="/api/v1/docs">REST interface</a>, in <code>/graphql</code> and, as images, in the registry
            at <code>/v2</code>.
          </p>
        </footer>
      </body>
    </html>
  );
}

/** JSON inside a script element: `</script>` and `<!--` in a title must not end or change it. */
export function scriptJson(value: object): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
