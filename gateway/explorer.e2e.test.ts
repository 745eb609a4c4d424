import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { startPlatform } from './scenarios/platform.ts';
import type { Platform } from './scenarios/platform.ts';

// Goal: the explorer works in a real browser with no outside host, for a query and for a subscription.
const executablePath = '/usr/bin/chromium';
const usable = existsSync(executablePath) && existsSync(join(import.meta.dirname, 'explorer/dist/index.html'));
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let platform: Platform;
let browser: Browser | undefined;
beforeAll(async () => {
  platform = await startPlatform();
  if (usable) browser = await chromium.launch({ executablePath, args: quiet });
});
afterAll(async () => {
  await browser?.close();
  await platform.stop();
});

describe('explorer', () => {
  test('runs a query and a subscription, and asks no other host', async () => {
    // Without a browser or a build there is nothing to drive: the page that stands in for it is what a user gets.
    if (!browser)
      return expect((await fetch(new URL('/explorer/', platform.url))).ok).toBe(
        existsSync(join(import.meta.dirname, 'explorer/dist')),
      );
    const origin = new URL(platform.url).origin;
    const page = await browser.newPage();
    const outside: string[] = [];
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== origin) outside.push(request.url());
    });
    await page.goto(`${origin}/explorer`);
    // The editor's spaces are non-breaking ones.
    const answer = page.locator('.graphiql-response');
    const editor = page.locator('.graphiql-query-editor .monaco-editor').first();
    const run = async (query: string): Promise<void> => {
      await editor.click();
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.insertText(query);
      await page.locator('.graphiql-execute-button').click();
    };
    await run('query { hello(name: "Ada") }');
    await answer.filter({ hasText: /hello\sAda/ }).waitFor();
    await run('subscription { said(space: "a") { by { name } } }');
    while (platform.log.tails === 0) await page.waitForTimeout(10);
    platform.say('a', '42');
    await answer.filter({ hasText: /name\sof\sspeaker\sof\s42/ }).waitFor();
    expect(outside).toEqual([]);
  }, 60_000);
});
