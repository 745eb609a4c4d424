import 'graphiql/setup-workers/vite';
import { GraphiQL } from 'graphiql';
import 'graphiql/style.css';
import { createRoot } from 'react-dom/client';
import './explorer.css';
import { createFetcher } from './fetcher.ts';

const welcome = `# Ask the federated API. Ctrl-Space completes, Ctrl-Enter runs.
# A token goes into the headers below: { "Authorization": "Bearer …" }
# Make one with: npm run token -- --creator NAME

{
  __typename
}
`;

const fetcher = createFetcher(new URL('/graphql', location.href));
const root = document.getElementById('explorer');
if (root) createRoot(root).render(<GraphiQL fetcher={fetcher} defaultQuery={welcome} shouldPersistHeaders={false} />);
