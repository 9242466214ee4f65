import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pushImage, startTestServer, type TestServer } from '../e2e/server-harness.js';

const CHROMIUM = '/usr/bin/chromium';
const isPresent = existsSync(CHROMIUM);
if (!isPresent) {
  process.stderr.write('\nSKIPPED: test/conformance/browser.spec.ts needs a browser: apt-get install -y chromium\n\n');
}

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const HOSTILE = 'EEG </title><script>document.title = "run"</script>';

/** With a browser that runs scripts and with one that does not: pages must not know the difference. */
describe.skipIf(!isPresent).each([true, false])('conformance/browser with JavaScript %s', (javaScriptEnabled) => {
  let server: TestServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let imageDigest: string;
  let complaints: string[];

  beforeAll(async () => {
    server = await startTestServer();
    const author = await server.account('ada', { lab: 'owner' });
    imageDigest = (await pushImage(author, 'lab/eeg', 'work')).digest;
    const packages = Array.from({ length: 60 }, (_, i) => `package-${i}==1.${i}\n`).join('');
    await author.publish('lab/eeg', { 'requirements.txt': packages }, { title: HOSTILE, image: 'work' });
    await author
      .post('versions/lab%2Feeg@v1/links', {
        article: '10.5555/browser',
        output: 'Figure 3',
        command: 'python fig3.py',
      })
      .expect(201);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  beforeEach(async () => {
    complaints = [];
    context = await browser.newContext({ javaScriptEnabled, baseURL: server.url });
    page = await context.newPage();
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`));
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url) && !request.url().startsWith('data:'))
        complaints.push(`asked ${request.url()}`);
    });
  });

  afterEach(async () => {
    await context.close();
  });

  it('goes from the home page over a search to the answer, the record and its article', async () => {
    await page.goto('/');
    await page.getByLabel('DOI of the article').fill('https://doi.org/10.5555/BROWSER');
    await page.getByLabel('Figure, table or number').fill('Fig. 3');
    await page.getByRole('button', { name: 'Search' }).click();

    expect(await page.getByText(`docker pull`).innerText()).toContain(imageDigest);
    await page.getByText('python fig3.py').waitFor();

    await page.getByRole('link', { name: /^EEG/ }).click();
    await page.waitForURL(/\/records\/env-[0-9a-z]{4}-[0-9a-z]{4}\/v\/1$/);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(HOSTILE);
    expect(await page.title()).toBe(`${HOSTILE} (version 1) - Envarium`);

    await page.getByText('Packages with an exact version').click();
    await page.getByRole('cell', { name: 'package-59' }).waitFor();

    await page.getByRole('link', { name: '10.5555/browser' }).first().click();
    await page.waitForURL(/\/articles\//);
    expect(await page.getByRole('heading', { level: 2 }).allInnerTexts()).toEqual(['Figure 3']);
    expect(complaints).toEqual([]);
  });

  it('finds a record by name', async () => {
    await page.goto('/what-ran');
    await page.getByLabel('Record').fill('lab/eeg');
    await page.getByRole('button', { name: 'Search' }).click();

    await page.waitForURL(/\/records\/env-/);
    await page.getByText('lab/eeg').first().waitFor();
    expect(complaints).toEqual([]);
  });

  it('applies the stylesheet, and never scrolls sideways on a telephone', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    for (const path of [
      '/',
      '/records/lab%2Feeg',
      '/articles/10.5555/browser',
      '/what-ran?doi=10.5555/browser',
      '/nothing',
    ]) {
      await page.goto(path);
      // Text, not functions: what runs there is no code of this process, and has the types of a browser.
      const width = await page.evaluate('document.documentElement.scrollWidth');
      const brand = await page.evaluate("getComputedStyle(document.querySelector('.brand')).fontWeight");

      expect([path, width, brand]).toEqual([path, 360, '700']);
    }
  });
});
