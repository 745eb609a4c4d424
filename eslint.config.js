import graphql from '@graphql-eslint/eslint-plugin';
import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import typescript from 'typescript-eslint';

const tests = '**/*.test.ts';

/** Forbids what the type checker cannot: each entry says what to do instead. */
const banned = [
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'Draw from an injected source of randomness, or node:crypto.',
  },
  {
    selector:
      'CallExpression[callee.property.name=/^(skip|only|todo|failing)$/][callee.object.name=/^(test|it|describe)$/]',
    message: 'Every test runs, always: mend it or delete it.',
  },
  {
    selector: 'CallExpression[callee.name=/^(xit|xtest|xdescribe|fit|fdescribe)$/]',
    message: 'Every test runs, always: mend it or delete it.',
  },
];
const environment = [
  {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: 'Only runtime/config.ts reads the environment: take what you need as a parameter.',
  },
  {
    selector: 'ImportDeclaration[source.value=/^(node:)?process$/]',
    message: 'Use the global process; only runtime/config.ts reads the environment.',
  },
];

/** File names are kebab-case, except that a file in resolvers/ bears the name of its SDL type. */
const fileName = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { kebab: 'Name the file in kebab-case (in resolvers/: as its SDL type).' },
  },
  create: (context) => ({
    Program(node) {
      const [folder, file] = context.filename.split(/[\\/]/).slice(-2);
      const allowed =
        folder === 'resolvers' ? /^[A-Za-z][A-Za-z0-9-]*(\.[a-z]+)+$/ : /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)+$/;
      if (!allowed.test(file)) context.report({ node, messageId: 'kebab' });
    },
  }),
};

export default defineConfig(
  globalIgnores(['**/dist/', '**/generated/', 'data/', 'coverage/', 'schema/supergraph.graphql', 'schema/api.graphql']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{js,mjs,cjs}'],
    extends: [js.configs.recommended],
    languageOptions: { globals: { process: 'readonly', module: 'readonly', require: 'readonly' } },
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [js.configs.recommended, typescript.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { vcos: { rules: { 'file-name': fileName } } },
    rules: {
      'vcos/file-name': 'error',
      'no-restricted-syntax': ['error', ...banned, ...environment],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
      'max-lines': ['error', { max: 350, skipBlankLines: true }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `return fail('…')` ends a function early.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Overflows the stack on recursive types (typescript-eslint 8.73).
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // An async function without await turns what it throws into a rejection, which the ports promise.
      '@typescript-eslint/require-await': 'off',
      // `query<Row>()` names what the caller's SQL returns.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
    },
  },
  // A test's describe callback is a chapter, not a function; it starts whole systems with an environment of its own.
  { files: [tests], rules: { 'max-lines-per-function': 'off', 'no-restricted-syntax': ['error', ...banned] } },
  // Tables of subgraphs and cases.
  { files: ['gateway/scenarios/federation/*.ts'], rules: { 'max-lines': 'off' } },
  // So is a chapter of a conformance suite.
  { files: ['engines/*/conformance/*.ts'], rules: { 'max-lines-per-function': 'off' } },
  {
    files: ['runtime/config.ts', 'infra/**/*.ts', 'bench/**/*.ts', 'e2e/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...banned] },
  },
  { files: ['dashboard/**/*.{ts,tsx}'], extends: [reactHooks.configs.flat['recommended-latest']] },
  {
    files: ['schema/subgraphs/*.graphql'],
    languageOptions: { parser: graphql.parser },
    plugins: { '@graphql-eslint': graphql },
    rules: {
      '@graphql-eslint/require-description': [
        'error',
        {
          types: true,
          FieldDefinition: true,
          InputValueDefinition: true,
          DirectiveDefinition: true,
          ignoredSelectors: [
            // Seven subgraphs share the root types: their description would be said seven times.
            '[type=ObjectTypeDefinition][name.value=/^(Query|Mutation|Subscription)$/]',
            // An argument's name and its field's description say enough.
            ':matches(FieldDefinition, DirectiveDefinition) > InputValueDefinition',
          ],
        },
      ],
      '@graphql-eslint/no-hashtag-description': 'error',
      '@graphql-eslint/naming-convention': [
        'error',
        {
          types: 'PascalCase',
          FieldDefinition: 'camelCase',
          InputValueDefinition: 'camelCase',
          Argument: 'camelCase',
          EnumValueDefinition: 'UPPER_CASE',
          DirectiveDefinition: 'camelCase',
          allowLeadingUnderscore: false,
        },
      ],
      '@graphql-eslint/require-deprecation-reason': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "Directive[name.value='deprecated'] > Argument[name.value='reason'] > StringValue:not([value=/\\d{4}-\\d{2}-\\d{2}/])",
          message: 'Name the sunset date in the reason, as YYYY-MM-DD.',
        },
      ],
    },
  },
);
