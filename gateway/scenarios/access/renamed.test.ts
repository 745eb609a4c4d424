import { expect, test } from '@jest/globals';
import { composeByApollo } from '../federation/serve.ts';
import { createScenario } from '../harness.ts';
import type { PlainResult } from '../harness.ts';

// Goal: a rule holds whatever the subgraph that made it calls its directive, and however it writes its names.
const federation = 'https://specs.apollo.dev/federation/v2.9';
const scenario = (sdl: string, planner: 'apollo' | 'hive'): ReturnType<typeof createScenario> =>
  createScenario(
    {
      a: {
        sdl,
        resolvers: { Query: { open: () => 1, closed: () => 2, scoped: () => 3, ruled: () => 4, hidden: () => 5 } },
      },
    },
    { compose: composeByApollo, planner, policies: (policy) => policy === 'p' },
  );
const run = (sdl: string, planner: 'apollo' | 'hive', scopes?: readonly string[]): Promise<PlainResult> =>
  scenario(sdl, planner).run('{ open closed scoped ruled }', {
    claims: scopes ? { issuer: 'i', subject: 's', scopes, expiresAt: Infinity } : null,
  });
const fields = (login: string, needs: string, rule: string, secret: string): string =>
  `type Query { open: Int closed: Int @${login} scoped: Int @${needs} ruled: Int @${rule} hidden: Int @${secret} }`;

const renamed = `extend schema @link(url: "${federation}", import: [
    { name: "@authenticated", as: "@login" } { name: "@requiresScopes", as: "@needs" } { name: "@policy", as: "@rule" } { name: "@inaccessible", as: "@secret" }])
  ${fields('login', 'needs(scopes: [["x"]])', 'rule(policies: [["q"]])', 'secret')}`;
const notImported = `extend schema @link(url: "${federation}", import: ["@key"])
  ${fields('federation__authenticated', 'federation__requiresScopes(scopes: [["x"]])', 'federation__policy(policies: [["q"]])', 'federation__inaccessible')}`;
const one = `extend schema @link(url: "${federation}", import: ["@authenticated" "@requiresScopes" "@policy" "@inaccessible"])
  ${fields('authenticated', 'requiresScopes(scopes: "x")', 'policy(policies: "q")', 'inaccessible')}`;
const flat = `extend schema @link(url: "${federation}", import: ["@authenticated" "@requiresScopes" "@policy" "@inaccessible"])
  ${fields('authenticated', 'requiresScopes(scopes: ["y", "x"])', 'policy(policies: ["q", "r"])', 'inaccessible')}`;

test.each(
  Object.entries({ renamed, notImported, one, flat }).flatMap(([name, sdl]) =>
    (['hive', 'apollo'] as const).map((planner) => [name, planner, sdl] as const),
  ),
)('%s, planned by %s', async (_name, planner, sdl) => {
  expect((await run(sdl, planner)).data).toEqual({ open: 1, closed: null, scoped: null, ruled: null });
  expect((await run(sdl, planner, ['z'])).data).toEqual({ open: 1, closed: 2, scoped: null, ruled: null });
  expect((await run(sdl, planner, ['x'])).data).toEqual({ open: 1, closed: 2, scoped: 3, ruled: null });
  expect(await scenario(sdl, planner).run('{ hidden }')).toMatchObject({
    errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  });
});
