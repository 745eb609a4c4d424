import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Browser, type Page, chromium } from 'playwright-core';
import { retryDefaults } from '../sdk/retry.ts';
import { type PlatformProcess, ask, makeDataDir, run, startPlatformProcess, tokenFor } from './platform-process.ts';
import { writeSmallCommunity } from './small-community.ts';

const executablePath = '/usr/bin/chromium';
/** A browser beside other tests on two cores is slow, not broken. */
const patienceMs = 60_000;
jest.setTimeout(2 * patienceMs);
/** Without these Chromium asks outside hosts at every start. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

if (!existsSync(executablePath)) {
  test('the dashboard needs Chromium, which is not installed here', () => {
    process.stderr.write(
      `${executablePath} is absent: install Debian's package chromium to run the dashboard's test\n`,
    );
  });
} else {
  describe('the dashboard in a browser', () => {
    const data = makeDataDir();
    let platform: PlatformProcess;
    let browser: Browser;
    let token = '';
    const faults: string[] = [];
    const open = async (path: string, width = 1200): Promise<Page> => {
      const page = await browser.newPage({ viewport: { width, height: 900 } });
      page.setDefaultTimeout(patienceMs);
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
      page.on(
        'request',
        (request) =>
          new URL(request.url()).host !== new URL(platform.url).host &&
          !request.url().startsWith('data:') &&
          faults.push(`asked ${request.url()}`),
      );
      await page.goto(`${platform.url}/${path}`);
      return page;
    };

    beforeAll(async () => {
      const load = run('main.ts', ['import', writeSmallCommunity(data.path)], { DATA_DIR: data.path });
      expect(await load.ended).toBe(0);
      platform = await startPlatformProcess(data.path);
      token = await tokenFor(data.path, 'bob');
      browser = await chromium.launch({ executablePath, args });
    }, 2 * patienceMs);

    afterAll(async () => {
      await browser.close();
      await platform.stop();
      data.remove();
    });

    test('trends are drawn with their band, and the numbers stand below it', async () => {
      const page = await open('#/trends');
      await page.getByRole('heading', { name: 'Trends' }).waitFor();
      await page.getByRole('radio', { name: 'Hour' }).check();
      await page.locator('.chart canvas').waitFor();
      await page.getByText('The numbers').click();
      expect(await page.locator('tbody tr').count()).toBeGreaterThan(0);
      await page.close();
    });

    test('every metric can be chosen, and the budget tells what an account’s day costs', async () => {
      const page = await open('#/trends');
      await page.getByRole('heading', { name: 'Privacy budget' }).waitFor();
      const metric = page.getByRole('combobox', { name: /^Metric/ });
      for (const id of await metric
        .locator('option')
        .evaluateAll((all) => all.map((one) => one.getAttribute('value')))) {
        await metric.selectOption(id);
        await page.locator('.card').first().waitFor();
      }
      await page.getByText('By metric').click();
      expect(await page.locator('tbody tr').count()).toBeGreaterThanOrEqual(12);
      expect(await page.locator('.notice.bad').count()).toBe(0);
      await page.close();
    });

    test('a creator’s reputation shows its interval, and opens to its evidence, with the keyboard alone', async () => {
      const page = await open('#/creators');
      await page.getByRole('searchbox').focus();
      await page.keyboard.type('ann');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'ANN' }).waitFor();
      const score = page.getByRole('button', { name: /Quality/ });
      await score.focus();
      await page.keyboard.press('Enter');
      await page.getByText('an anonymous member').first().waitFor();
      expect(await score.getAttribute('aria-expanded')).toBe('true');
      await page.close();
    });

    test('how scores are spread is drawn, and a time off is taken and ended', async () => {
      const page = await open('#/creators');
      await page.getByRole('img', { name: /shows? this score/ }).waitFor();
      await page.goto(`${platform.url}/#token=${token}`);
      await page.goto(`${platform.url}/#/creators/bob`);
      await page.getByRole('heading', { name: 'Time off' }).waitFor();
      // What is sent twice would be refused the second time, and the refusal stand beside what was done.
      let sent = 0;
      const clicked = Promise.withResolvers<null>();
      await page.route('**/graphql', async (route) => {
        sent += Number(route.request().postData()?.includes('freezeReputation(') === true);
        await clicked.promise;
        await route.continue();
      });
      await page.getByRole('button', { name: 'Take time off' }).dblclick();
      clicked.resolve(null);
      await page.getByText('Nothing about you decays until').waitFor();
      expect(sent).toBe(1);
      await page.getByRole('button', { name: 'End it now' }).click();
      await page.getByRole('button', { name: 'Take time off' }).waitFor();
      await page.close();
    });

    test('whoever follows the link with a token sees events as they happen', async () => {
      const page = await open(`#token=${token}`);
      expect(page.url()).not.toContain(token);
      await page.getByRole('link', { name: 'Live' }).click();
      await page.getByText('Connected').waitFor();
      const before = await page.locator('.feed li').count();
      await ask(
        platform.url,
        'mutation { addSkills(input: { expectedVersion: 1, skills: ["weaving"] }) { userErrors { message } } }',
        { token },
      );
      await page.getByText('Creator skills changed').waitFor();
      expect(await page.locator('.feed li').count()).toBeGreaterThan(before);
      await page.close();
    });

    test('a link with a token that is opened where the page is open already signs in, after a wrong one too', async () => {
      const before = faults.length;
      const page = await open('#token=wrong');
      await page.getByText('Token refused').waitFor();
      await page.locator('main').getByText('with a new token you can sign in again').waitFor();
      await page.goto(`${platform.url}/#token=${token}`);
      await page.locator('.who').getByText('Bob').waitFor();
      expect(page.url()).not.toContain(token);
      await page.getByRole('heading', { name: 'Trends' }).waitFor();
      expect(await page.locator('main .notice.bad').count()).toBe(0);
      await page.getByRole('link', { name: 'Live' }).click();
      await page.locator('.feed li').first().waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('Canon is for those who are signed in').waitFor();
      await page.close();
      // The browser itself logs the refusals of the wrong token.
      expect(faults.splice(before).filter((text) => !text.includes('401'))).toEqual([]);
    });

    test('an address that is not well encoded opens the page all the same', async () => {
      const page = await open('#/creators/100%');
      await page.getByText('Nobody is called “100%”.').waitFor();
      expect(await page.title()).toBe('100% · V-COS');
      await page.close();
    });

    test('while the server is away nothing old is shown under a new name, and no token is said to be refused', async () => {
      const before = faults.length;
      const page = await open('#/trends');
      await page.getByRole('heading', { name: 'Trends' }).waitFor();
      await page.locator('.chart').waitFor();
      await page.route('**/graphql', (route) => route.abort());
      await page.getByRole('combobox', { name: /^Kind/ }).selectOption('PUBLICATION');
      await page.locator('main').getByText('The server does not answer').waitFor();
      expect(await page.locator('.chart').count()).toBe(0);
      await page.goto(`${platform.url}/#token=${token}`);
      await page.locator('.who').getByText('No answer yet').waitFor();
      // It asks again by itself: whoever waits need not load the page anew.
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await page.locator('.who').getByText('Bob').waitFor();
      await page.locator('.chart').waitFor();
      expect(await page.locator('main .notice.bad').count()).toBe(0);
      await page.close();
      expect(faults.splice(before).filter((text) => !text.includes('ERR_FAILED'))).toEqual([]);
    });

    test('whoever types a name goes on typing when the server knows their own, and stays in the box that they sent', async () => {
      const page = await open(`#token=${token}`);
      await page.locator('.who').getByText('Bob').waitFor();
      const held = Promise.withResolvers<null>();
      await page.route('**/graphql', async (route) => {
        await held.promise;
        await route.continue();
      });
      await page.goto(`${platform.url}/#/creators`);
      await page.reload();
      const box = page.getByRole('searchbox');
      await box.pressSequentially('an');
      held.resolve(null);
      await page.getByRole('heading', { name: 'Bob' }).waitFor();
      await page.keyboard.type('n');
      expect(await box.inputValue()).toBe('ann');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'ANN' }).waitFor();
      expect(await box.evaluate((element) => element === document.activeElement)).toBe(true);
      await page.goBack();
      await page.getByRole('heading', { name: 'Bob' }).waitFor();
      expect(await box.inputValue()).toBe('bob');
      await page.close();
    });

    test('spaces are no token, no token stays in the dialog, and the keyboard stays where it was', async () => {
      const page = await open('#/live');
      const dialog = page.locator('dialog');
      const box = dialog.getByRole('textbox');
      await page.locator('.who').getByRole('button', { name: 'Sign in' }).press('Enter');
      await box.fill('   ');
      await dialog.getByRole('button', { name: 'Sign in' }).click();
      expect(await box.evaluate((element: HTMLTextAreaElement) => element.validationMessage)).toContain('no token');
      expect(await dialog.isVisible()).toBe(true);
      await box.fill(` ${token}\n`);
      await dialog.getByRole('button', { name: 'Sign in' }).click();
      await page.locator('.who').getByText('Bob').waitFor();
      await page.keyboard.press('Enter');
      await page.getByText('Canon is for those who are signed in').waitFor();
      await page.keyboard.press('Enter');
      await dialog.waitFor();
      expect(await box.inputValue()).toBe('');
      await page.close();
    });

    test('where nobody has registered yet the page says so', async () => {
      const page = await browser.newPage();
      await page.route('**/graphql', (route) =>
        route.request().postData()?.includes('query Creators(') === true
          ? route.fulfill({ json: { data: { creators: { nodes: [] } } } })
          : route.continue(),
      );
      await page.goto(`${platform.url}/#/creators`);
      await page.getByText('Nobody has registered yet.').waitFor({ timeout: patienceMs });
      await page.close();
    });

    test('while an answer is waited for nobody else stands under a name, and nobody is said not to be registered', async () => {
      const page = await open('#/creators/ann');
      await page.getByRole('heading', { name: 'ANN' }).waitFor();
      const held = Promise.withResolvers<null>();
      await page.route('**/graphql', async (route) => {
        await held.promise;
        await route.continue();
      });
      await page.goto(`${platform.url}/#/creators/bob`);
      await page.locator('main').getByText('Loading…').waitFor();
      expect(await page.getByRole('heading', { name: 'ANN' }).count()).toBe(0);
      await page.goto(`${platform.url}/#token=${token}`);
      await page.locator('.who').getByText('Signing in…').waitFor();
      held.resolve(null);
      await page.locator('.who').getByText('Bob').waitFor();
      await page.close();
    });

    test('events that are there are shown though the page was opened while the server was away', async () => {
      const page = await browser.newPage();
      page.setDefaultTimeout(patienceMs);
      let isAway = false;
      let attempts = 0;
      const givenUp = Promise.withResolvers<null>();
      await page.route('**/graphql', async (route) => {
        if (!isAway) return route.continue();
        if (route.request().postData()?.includes('query RecentCanon') === true) attempts += 1;
        await route.abort();
        if (attempts === retryDefaults.attemptsMax) givenUp.resolve(null);
      });
      await page.routeWebSocket('**/graphql', (socket) => {
        if (isAway) void socket.close();
        else socket.connectToServer();
      });
      await page.goto(`${platform.url}/#token=${token}`);
      await page.locator('.who').getByText('Bob').waitFor();
      isAway = true;
      await page.getByRole('link', { name: 'Live' }).click();
      await givenUp.promise;
      isAway = false;
      await page.getByText('Connected').waitFor();
      await page.locator('.feed li').first().waitFor();
      await page.close();
    });

    test('a name that turns the direction of writing turns nothing beside it', async () => {
      const page = await browser.newPage();
      const nodes = [{ id: '1', username: 'eve', displayName: 'ab\u202ecd', lifecycle: 'INITIATE' }];
      await page.route('**/graphql', (route) =>
        route.request().postData()?.includes('query Creators(') === true
          ? route.fulfill({ json: { data: { creators: { nodes } } } })
          : route.continue(),
      );
      await page.goto(`${platform.url}/#/creators`);
      const person = page.locator('.people li');
      await person.waitFor({ timeout: patienceMs });
      const [name, state] = await Promise.all([
        person.locator('a').boundingBox(),
        person.getByText('Initiate').boundingBox(),
      ]);
      expect(state?.x).toBeGreaterThanOrEqual((name?.x ?? 0) + (name?.width ?? 0));
      await page.close();
    });

    test('a browser that lets pages keep nothing shows the page, signed in until it is left', async () => {
      const page = await browser.newPage();
      await page.addInitScript(() => {
        Object.defineProperty(window, 'sessionStorage', {
          get: () => {
            throw new DOMException('denied', 'SecurityError');
          },
        });
      });
      await page.goto(`${platform.url}/#token=${token}`);
      await page.locator('.who').getByText('Bob').waitFor({ timeout: patienceMs });
      await page.close();
    });

    test('the explorer shows its answers on a phone too, and says why a subscription is refused', async () => {
      const page = await open('explorer/', 360);
      const answer = page.locator('.graphiql-response');
      // Before its editor has the first query there is nothing to execute.
      await page.locator('.graphiql-query-editor .view-lines').getByText('__typename').first().waitFor();
      const deadline = Date.now() + patienceMs;
      for (let isShown = false; !isShown;) {
        // What is clicked before the page listens is lost, as a person sees.
        await page.getByRole('button', { name: /Execute query/ }).click();
        const shown = answer.getByText('"Query"').waitFor({ timeout: 5_000 });
        isShown = await shown.then(() => true).catch(() => false);
        if (!isShown && Date.now() > deadline) throw new Error(`the explorer shows: ${await answer.innerText()}`);
      }
      expect((await answer.boundingBox())?.width).toBeGreaterThan(200);
      await page.routeWebSocket('**/graphql', (socket) => {
        socket.onMessage(() => void socket.close({ code: 4403, reason: 'Forbidden: the token expired' }));
      });
      await page.locator('.graphiql-query-editor .view-lines').click();
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.insertText('subscription { canonChanged { id } }');
      await page.getByRole('button', { name: /Execute query/ }).click();
      await answer.getByText('the token expired').waitFor();
      await page.close();
    });

    test('the bars of all scores are equally long', async () => {
      const page = await open('#/creators/ann');
      await page.locator('.score').first().waitFor();
      const widths = await page.locator('.score .track').evaluateAll((all) => all.map((one) => one.clientWidth));
      expect(new Set(widths).size).toBe(1);
      await page.close();
    });

    test('nothing overflows on a phone, no error is logged, and no outside host is asked', async () => {
      for (const path of ['#/trends', '#/creators', '#/creators/ann', `#/creators/${'x'.repeat(300)}`, '#/live']) {
        const page = await open(path, 360);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForLoadState('networkidle');
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
        await page.close();
      }
      expect(faults).toEqual([]);
    });
  });
}
